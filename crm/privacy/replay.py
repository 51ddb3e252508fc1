"""Who was erased, in a file outside the database: after an older backup is restored, they are erased again.

A line holds the card's number and the moment it was made, nothing else. The number alone would not do: after a
restore the database gives numbers out a second time, and somebody new may hold one.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings

from crm.models import Customer, Erasure


def the_file() -> Path:
    return Path(settings.ERASED_FILE)


def remember(created: Mapping[int, datetime], at: datetime) -> None:
    """Called after commit; what a crash keeps from being written is caught up by `catch_up`."""
    lines = [
        json.dumps({"id": pk, "created_at": made.isoformat(), "erased_at": at.isoformat()})
        for pk, made in sorted(created.items())
    ]
    path = the_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    # One write in append mode: two processes never tear each other's lines.
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # On a line of its own, whatever a crash left half written before it.
        os.write(handle, ("\n" + "\n".join(lines) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def remembered() -> Iterator[tuple[int, datetime]]:
    """What can be read of the file; a line torn by a crash is passed over, `catch_up` writes it again."""
    try:
        lines = the_file().read_text().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            told = json.loads(line)
            yield int(told["id"]), datetime.fromisoformat(told["created_at"])
        except (ValueError, KeyError, TypeError):
            continue


def catch_up() -> int:
    """Write down every erasure that the file does not know. Returns how many."""
    known, caught_up = set(remembered()), 0
    for erasure in Erasure.objects.order_by("pk"):
        created = set(Customer.objects.filter(pk__in=erasure.cards).values_list("pk", "created_at"))
        if missing := created - known:
            remember(dict(missing), erasure.at)
            caught_up += 1
    return caught_up


def back_again() -> list[Customer]:
    """Cards that the file says were erased and that are there again."""
    told = set(remembered())
    there = Customer.objects.filter(pk__in={pk for pk, _made in told}, erased_at=None).order_by("pk")
    return [customer for customer in there if (customer.pk, customer.created_at) in told]
