"""The line ledger and the radar: the story of a line, balances, forecasts and settlements.

Pure functions on records; what they need is read by the store and handed to them as a stream.
"""
