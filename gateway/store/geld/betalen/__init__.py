"""Payment of what was granted: runs, payments, what each line went into, and blocks."""
