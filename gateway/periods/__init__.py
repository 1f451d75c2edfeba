"""Calendar and amount arithmetic of the standard: pure functions on dates and whole numbers."""
