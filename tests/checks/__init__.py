"""Tests of the checks beyond the standard: one case file per check."""
