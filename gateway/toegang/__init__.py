"""Who may do what: roles, rights, and the part of the data that somebody may see.  No I/O."""
