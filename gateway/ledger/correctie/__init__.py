"""Corrections of invoice lines: what undoes and replaces a line, and the 323 made of them."""
