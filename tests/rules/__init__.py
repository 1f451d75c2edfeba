"""Tests of the rules: one case file per rule."""
