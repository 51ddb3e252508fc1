"""What can be done to one customer or to many."""

from typing import Any

ACTIONS: list[Any] = []
