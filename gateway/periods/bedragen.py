"""Round amounts of money: whole cents, half a cent up, never through a float."""

MINUTES_PER_HOUR = 60


def half_up(numerator: int, denominator: int) -> int:
    """The fraction rounded to a whole number; exactly half goes up.  The denominator is above 0."""
    return (2 * numerator + denominator) // (2 * denominator)


def minute_tariff(hour_tariff: int) -> int:
    """The ProductTarief that a line in minutes shows under an hour tariff (IV081)."""
    return half_up(hour_tariff, MINUTES_PER_HOUR)


def amount_in_minutes(hour_tariff: int, minutes: int) -> int:
    """The amount of a line in minutes under an hour tariff (IV081).

    It follows from the hour tariff itself: the tariff per minute is rounded for display only.
    """
    return half_up(hour_tariff * minutes, MINUTES_PER_HOUR)


def euros(cents: int) -> str:
    """An amount in cents as Dutch readers write it, with a space that keeps it on one line."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", ".")
    return f"€\N{NO-BREAK SPACE}{'-' if cents < 0 else ''}{grouped},{rest:02d}"
