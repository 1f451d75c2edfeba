"""Composes what goes back to the sender, and guards that it is lawful."""
