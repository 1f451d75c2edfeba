"""Faults on purpose: what is promised holds whatever falls over, see docs/fouten.md."""
