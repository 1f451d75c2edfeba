"""Figures for a region to steer by: how care goes, counted without a client to be seen."""
