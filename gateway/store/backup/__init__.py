"""Copies of a whole store in a folder of their own, and stores made of such a copy."""
