"""Removes what has had its time, and who may be forgotten; every removal is in the log.

What judging, the balance and the ledger rest on stays: rows of the inbox, Declaraties, spending and
lines; lines of a client who is gone have no client any more.
"""
