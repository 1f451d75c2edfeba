"""What changing many assignments at once comes to: the next version of each, and its worth."""
