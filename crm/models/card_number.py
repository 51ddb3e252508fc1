"""The number on a customer's card: ten digits, made of the number of their row and a check digit.

It needs no row of its own and no counter, goes on working after a merge, and does not tell how many people there are.
A number that a shop brought with it is an Identifier, and then that one is shown.
"""

DIGITS = 9
_MODULUS = 10**DIGITS
_FACTOR = 387_420_489  # shares no divisor with the modulus, so that every number leads back to one row
_BACK = pow(_FACTOR, -1, _MODULUS)
_SHIFT = 271_828_182


def card_number(pk: int) -> str:
    body = f"{(pk * _FACTOR + _SHIFT) % _MODULUS:0{DIGITS}}"
    return body + _check_digit(body)


def customer_of(number: str) -> int | None:
    """The row behind a number as it was typed; None when it is none of ours or has a slip in it."""
    digits = "".join(number.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS + 1):
        return None
    body, check = digits[:-1], digits[-1]
    return (int(body) - _SHIFT) * _BACK % _MODULUS if _check_digit(body) == check else None


def _check_digit(body: str) -> str:
    """As on bank cards: finds every single wrong digit, and nearly every two that changed places."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)
