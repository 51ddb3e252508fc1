"""Links with secrets, made anew at each attempt to send."""

from typing import Any


def preferences(message: Any) -> dict[str, str]:
    return {"link": ""}


def unsubscribe(message: Any) -> str:
    """Out of this purpose, without signing in; empty for service mail."""
    return ""
