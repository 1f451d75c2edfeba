"""Finds which stored lines ask for a correction, and makes and tries the 323 that corrects them."""
