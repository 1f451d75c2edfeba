"""Reads for pages and the API: each takes the Bereik of who asks, and a fixed number of queries."""
