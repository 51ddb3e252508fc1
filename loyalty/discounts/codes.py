"""Codes that can be read aloud: no look-alikes, a check character, dashes and capital letters do not matter."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31: a prime, so that the check finds every slip and every swap
RANDOM = 10
LENGTH = RANDOM + 1


def new() -> str:
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return drawn + check(drawn)


def check(body: str) -> str:
    """Position times letter: one wrong character, or two that changed places, give another check character."""
    return ALPHABET[sum(i * ALPHABET.index(letter) for i, letter in enumerate(body, start=1)) % len(ALPHABET)]


def plain(text: str) -> str:
    """As it is stored: without dashes and spaces, in capitals."""
    return "".join(letter for letter in text.upper() if letter.isalnum())[:32]


def well_formed(text: str) -> bool:
    code = plain(text)
    if len(code) != LENGTH or any(letter not in ALPHABET for letter in code):
        return False
    return check(code[:-1]) == code[-1]


def shown(code: str) -> str:
    """In groups, as it is printed: ABCD-EFGH-JKM."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def ending(code: str) -> str:
    """All that lists show of it."""
    return f"…{code[-4:]}" if code else ""
