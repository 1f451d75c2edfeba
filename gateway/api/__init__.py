"""The REST API after the NL API Design Rules 2.0, over what the store hands out."""
