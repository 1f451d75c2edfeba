"""The year end in the store: what it was worked out to, what providers tell, and samples."""
