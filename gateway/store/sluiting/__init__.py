"""Reads by which a year closes, and the lines behind each amount."""
