"""Each rule on a whole message: what breaks it, and what follows from that."""
