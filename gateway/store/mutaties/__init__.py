"""Changing many assignments at once: frozen lists, consents, and what became of every message."""
