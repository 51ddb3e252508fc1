"""What a change of many leaves on each timeline: one statement for all, read from the rows that the undo keeps.

No reactions hang on these events; what must follow hangs on the one event of the whole move.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.utils import timezone

from crm.models import ChangeSet

_TELL = """
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, subject_id, data)
    SELECT %(kind)s, %(now)s, %(now)s, c.customer_id, %(actor)s, 'crm.changeset', c.changes_id, {data}
      FROM crm_change AS c
     WHERE c.changes_id = %(set)s AND c.model = %(model)s AND c.kept = '' {only} ORDER BY c.row_id
"""

# As Customer.edit says values: text, nothing as null, staff as the actor they are.
_SAID = "nullif({side} ->> %(column)s, '')"
_SAID_OF_STAFF = "'staff:' || ({side} ->> %(column)s)"
_SAID_OF_CUSTOM = "{side} -> 'custom' ->> %(column)s"
_SAID_OF_A_MOMENT = "left({side} ->> %(column)s, 10)"


Part = tuple[int, int]  # what was noted after the one and up to the other


def edited(
    change_set: ChangeSet,
    field: str,
    *,
    actor: str,
    ids: Collection[int] | None = None,
    part: Part | None = None,
    back: bool = False,
) -> None:
    """customer.edited for each customer of whom this field changed."""
    if field.startswith("custom__"):
        said, column = _SAID_OF_CUSTOM, field.removeprefix("custom__")
    elif field == "owner":
        said, column = _SAID_OF_STAFF, "owner_id"
    else:
        said, column = (_SAID_OF_A_MOMENT if field.endswith("_at") else _SAID), field
    sides = [said.format(side=side) for side in (("c.after", "c.before") if back else ("c.before", "c.after"))]
    pair = f"jsonb_build_array({sides[0]}, {sides[1]})"
    data = f"jsonb_build_object('changes', jsonb_build_object(%(field)s::text, {pair}))"
    _tell(change_set, "customer.edited", "crm.Customer", data, actor, ids, part, field=field, column=column)


def tagged(
    change_set: ChangeSet,
    name: str,
    *,
    actor: str,
    ids: Collection[int] | None = None,
    part: Part | None = None,
    off: bool,
) -> None:
    kind = "customer.untagged" if off else "customer.tagged"
    data = "jsonb_build_object('tag', %(name)s::text)"
    _tell(change_set, kind, "crm.Tagging", data, actor, ids, part, name=name)


def _tell(
    change_set: ChangeSet,
    kind: str,
    model: str,
    data: str,
    actor: str,
    ids: Collection[int] | None,
    part: Part | None,
    **asked: Any,
) -> None:
    asked |= {"set": change_set.pk, "kind": kind, "model": model, "actor": actor, "now": timezone.now()}
    asked |= {"ids": None if ids is None else list(ids), "after": part and part[0], "upto": part and part[1]}
    only = "" if ids is None else "AND c.row_id = ANY(%(ids)s)"
    if part:
        only += " AND c.id > %(after)s AND c.id <= %(upto)s"
    with connection.cursor() as cursor:
        cursor.execute(_TELL.format(data=data, only=only), asked)
