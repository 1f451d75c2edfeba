"""Funding agreements: fixed tariffs read from data files and looked up in memory."""
