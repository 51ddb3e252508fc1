"""Secrets that we must know again, such as those we sign with: encrypted with the site's SECRET_KEY.

A dump of the database alone does not reveal them. Who has the dump and the SECRET_KEY has both
(docs/decisions/0028-secrets-that-sign-are-sealed.md).
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class Unreadable(Exception):
    """Sealed with another SECRET_KEY, or not by us."""


def seal(secret: str, purpose: str) -> str:
    return _box(purpose).encrypt(secret.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """What was sealed with the key before (SECRET_KEY_FALLBACKS) can still be read. Raises Unreadable."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(key, purpose)) for key in keys])


def _key(secret_key: str, purpose: str) -> bytes:
    digest = salted_hmac("regulars.sealed", purpose, secret=secret_key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
