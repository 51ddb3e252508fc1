"""What is read off an address, where anybody can type anything."""


def number_in(text: str) -> int | None:
    """A whole number that the database can have, such as the key of a row; None of anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
