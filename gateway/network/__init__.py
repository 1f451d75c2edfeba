"""Intake and dispatch at the edges: what comes in goes to the inbox, what leaves is delivered."""
