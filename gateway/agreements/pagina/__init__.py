"""A page per agreement for people who decide on funding, made from nothing but its file."""
