"""A seeded synthetic region: who lives there, what care they get, and what goes wrong with it."""
