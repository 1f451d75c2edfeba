"""What pages and the API share: routes with a right, who asks, limits, headers, and the log."""
