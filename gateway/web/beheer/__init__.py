"""Pages of the beheerder: who comes in, and by which right."""
