"""The facts of the store for the data warehouse of a municipality, by the names of the GGM."""
