"""Where a request comes from. Only proxies of our own (settings.TRUSTED_PROXIES) are believed."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address the last trusted proxy saw; an IPv6 network of one household (/64) counts as one."""
    address = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and len(forwarded) >= proxies:
        address = forwarded[-proxies].strip()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def is_local(request: HttpRequest) -> bool:
    """From this machine itself, with no proxy between: behind one, everybody comes from its address."""
    proxied = settings.TRUSTED_PROXIES or "HTTP_X_FORWARDED_FOR" in request.META
    return not proxied and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
