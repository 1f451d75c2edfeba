"""Tells subscribers of events over HTTPS: signed, at addresses that anybody may reach."""
