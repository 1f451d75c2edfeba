"""The rules of the standard: small pure functions by what they judge."""
