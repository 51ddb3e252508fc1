"""Codes from an authenticator app: RFC 6238 over the HOTP of RFC 4226, with what every app knows: SHA-1, 30 seconds."""

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

STEP = 30  # seconds
DIGITS = 6
DRIFT = 1  # steps to either side: clocks differ, and typing takes a while


def new_secret() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(secret: str, step: int, digits: int = DIGITS) -> str:
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 0xF
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def now() -> int:
    return int(time.time()) // STEP


def step_of(secret: str, typed: str) -> int | None:
    """The step of time whose code was typed, or None. All of them are compared, so that the time tells nothing."""
    steps = range(now() - DRIFT, now() + DRIFT + 1)
    return max((step for step in steps if hmac.compare_digest(code(secret, step), typed)), default=None)


def address(secret: str, account: str, issuer: str) -> str:
    """What the QR code says to the app."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"
