"""Checks beyond the standard: what deviates is shown to people and never rejected."""
