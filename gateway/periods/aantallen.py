"""Write a count with its noun."""


def aantal(n: int, een: str, meer: str) -> str:
    """A count with its noun: one, or any other number of them."""
    return f"{n} {een if n == 1 else meer}"
