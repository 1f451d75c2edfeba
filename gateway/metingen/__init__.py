"""Tells who watches over an installation how it is doing, in the form of Prometheus."""
