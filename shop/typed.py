"""What is read of an address or a form, where anybody can type anything."""


def number_in(text: str, digits: int = 17) -> int | None:
    """A whole number of at most so many digits, such as the key of a row; None of anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def key_in(text: str) -> int:
    """The key of a row; 0, which no row has, of anything else."""
    return number_in(text) or 0
