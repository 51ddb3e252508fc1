"""An address that was erased is remembered as a hash, so that a "no" still counts when the address comes back.

The key of the hash is the site's secret: who has only the database cannot try addresses against it.
"""

from django.utils.crypto import salted_hmac

PREFIX = "erased:"


def as_hash(channel: str, address: str) -> str:
    return PREFIX + salted_hmac("crm.contact.forgotten", f"{channel}\n{address}", algorithm="sha256").hexdigest()


def either(channel: str, address: str) -> list[str]:
    """The address as it is written and as it is remembered after an erasure: look for both."""
    return [address, as_hash(channel, address)]
