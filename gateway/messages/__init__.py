"""Message types as data, the one hardened reader and the writer: the only users of lxml."""
