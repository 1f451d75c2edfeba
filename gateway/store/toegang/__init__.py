"""Who may come in, and what was looked at: users, sessions, keys, and the log of processing."""
