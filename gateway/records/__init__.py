"""Canonical records: frozen dataclasses with the standard's names, standard library only."""
