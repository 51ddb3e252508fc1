"""What can be done to many customers, each a form, a change of some ids at a time, and the sentences about it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import connection
from django.db.models import F, Func, JSONField, Q, Value
from django.utils import timezone
from django.utils.translation import ngettext

from crm.bulk import telling
from crm.bulk.forms import FieldForm, LeaveOutForm, OwnerForm, TagForm, UntagForm, card_field
from crm.models import ChangeSet, Customer, Tagging
from crm.models.custom_field import PREFIX
from crm.undo.recording import note_after, note_before, noting
from shop.formats import number

# In one pass the rows, what the undo must know of them, and what the timelines say.
_GIVE = """
    WITH made AS (
        INSERT INTO crm_tagging (customer_id, tag_id)
        SELECT id, %(tag)s FROM unnest(%(ids)s::bigint[]) AS wanted (id) ORDER BY id
        ON CONFLICT (customer_id, tag_id) DO NOTHING RETURNING *
    ), noted AS (
        INSERT INTO crm_change (changes_id, model, row_id, customer_id, after, kept)
        SELECT %(set)s, 'crm.Tagging', id, customer_id, to_jsonb(made), '' FROM made
    ), told AS (
        INSERT INTO crm_event (kind, at, recorded_at, customer_id, actor, subject_type, subject_id, data)
        SELECT 'customer.tagged', %(now)s, %(now)s, customer_id, %(actor)s, 'crm.changeset', %(set)s,
               jsonb_build_object('tag', %(name)s::text) FROM made
    )
    SELECT count(*) FROM made
"""

# As much for one column of the cards: to lock, note, change and note again in turn takes twice as long.
_SET = """
    WITH was AS (
        SELECT id, {column} FROM crm_customer WHERE id = ANY (%(ids)s) AND {column} IS DISTINCT FROM %(value)s
         ORDER BY id FOR UPDATE
    ), made AS (
        UPDATE crm_customer AS card SET {column} = %(value)s FROM was WHERE card.id = was.id
        RETURNING card.id, jsonb_build_object('{name}', was.{column}) AS before,
                  jsonb_build_object('{name}', card.{column}) AS after
    ), noted AS (
        INSERT INTO crm_change (changes_id, model, row_id, customer_id, before, after, kept)
        SELECT %(set)s, 'crm.Customer', id, id, before, after, '' FROM made ORDER BY id
    )
    SELECT id FROM made
"""


class Move(ABC):
    """`params` is what the form said, as JSON. `change` runs in a transaction and returns how many it changed."""

    form: type[forms.Form]

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params

    @abstractmethod
    def change(self, change_set: ChangeSet, ids: Sequence[int], *, actor: str) -> int: ...

    def finish(self, change_set: ChangeSet, *, actor: str) -> None:
        """What is done once, after the last customer."""
        return

    def tell_back(self, change_set: ChangeSet, *, actor: str, part: telling.Part | None = None) -> None:
        """The events of each customer after it, or this part of it, was taken back."""
        return

    @abstractmethod
    def sentence(self, n: int) -> str: ...


class TagMove(Move):
    form = TagForm

    def change(self, change_set: ChangeSet, ids: Sequence[int], *, actor: str) -> int:
        asked = {"tag": self.params["tag"], "name": self.params["name"], "ids": list(ids)}
        asked |= {"set": change_set.pk, "actor": actor, "now": timezone.now()}
        with connection.cursor() as cursor:
            cursor.execute(_GIVE, asked)
            return int(cursor.fetchone()[0])

    def tell_back(self, change_set: ChangeSet, *, actor: str, part: telling.Part | None = None) -> None:
        telling.tagged(change_set, self.params["name"], actor=actor, part=part, off=True)

    def sentence(self, n: int) -> str:
        said = ngettext("Tagged %(n)s customer “%(tag)s”.", "Tagged %(n)s customers “%(tag)s”.", n)
        return said % {"n": number(n), "tag": self.params["name"]}


class UntagMove(Move):
    form = UntagForm

    def change(self, change_set: ChangeSet, ids: Sequence[int], *, actor: str) -> int:
        found = Tagging.objects.filter(tag=self.params["tag"], customer__in=list(ids))
        rows = list(found.values_list("pk", flat=True))
        note_before(change_set, Tagging, rows)
        Tagging.objects.filter(pk__in=rows)._raw_delete(using="default")
        note_after(change_set, Tagging, rows)
        telling.tagged(change_set, self.params["name"], actor=actor, ids=rows, off=True)
        return len(rows)

    def tell_back(self, change_set: ChangeSet, *, actor: str, part: telling.Part | None = None) -> None:
        telling.tagged(change_set, self.params["name"], actor=actor, part=part, off=False)

    def sentence(self, n: int) -> str:
        said = ngettext("Took “%(tag)s” off %(n)s customer.", "Took “%(tag)s” off %(n)s customers.", n)
        return said % {"n": number(n), "tag": self.params["name"]}


class FieldMove(Move):
    """`field` as Customer.edit names it, `value` as it is stored, `words` as people read it."""

    form: type[forms.Form] = FieldForm

    @property
    def column(self) -> str:
        field = self.params["field"]
        return "custom" if field.startswith(PREFIX) else str(card_field(field).column)

    def change(self, change_set: ChangeSet, ids: Sequence[int], *, actor: str) -> int:
        own = self.params["field"].startswith(PREFIX)
        changed = self._set_own(change_set, ids) if own else self._set(change_set, ids)
        telling.edited(change_set, self.params["field"], actor=actor, ids=changed)
        return len(changed)

    def _set(self, change_set: ChangeSet, ids: Sequence[int]) -> list[int]:
        asked = {"set": change_set.pk, "ids": list(ids), "value": self.params["value"]}
        with connection.cursor() as cursor:
            cursor.execute(_SET.format(name=self.column, column=connection.ops.quote_name(self.column)), asked)
            return [pk for (pk,) in cursor.fetchall()]

    def _set_own(self, change_set: ChangeSet, ids: Sequence[int]) -> list[int]:
        key, value = self.params["field"].removeprefix(PREFIX), self.params["value"]
        if value is None:
            less: Any = Func(F("custom"), Value(key), template="(%(expressions)s)", arg_joiner=" - ")
            return self._set_unless(~Q(custom__has_key=key), less, change_set, ids)
        more: Any = Func(F("custom"), Value({key: value}, JSONField()), template="(%(expressions)s)", arg_joiner=" || ")
        return self._set_unless(Q(custom__contains={key: value}), more, change_set, ids)

    def _set_unless(self, has_it: Q, value: Any, change_set: ChangeSet, ids: Sequence[int]) -> list[int]:
        rest = Customer.objects.filter(pk__in=list(ids)).exclude(has_it)
        different = list(rest.order_by("pk").values_list("pk", flat=True))
        with noting(change_set, Customer, different, fields=(self.column,)):
            Customer.objects.filter(pk__in=different).update(**{self.column: value})
        return different

    def tell_back(self, change_set: ChangeSet, *, actor: str, part: telling.Part | None = None) -> None:
        telling.edited(change_set, self.params["field"], actor=actor, part=part, back=True)

    def sentence(self, n: int) -> str:
        words = {"n": number(n), "field": self.params["label"], "value": self.params["words"]}
        if not words["value"]:
            return ngettext("Emptied %(field)s of %(n)s customer.", "Emptied %(field)s of %(n)s customers.", n) % words
        said = ngettext(
            "Set %(field)s of %(n)s customer to “%(value)s”.", "Set %(field)s of %(n)s customers to “%(value)s”.", n
        )
        return said % words


class OwnerMove(FieldMove):
    form = OwnerForm

    def sentence(self, n: int) -> str:
        words = {"n": number(n), "name": self.params["words"]}
        if not words["name"]:
            return ngettext("%(n)s customer has no owner now.", "%(n)s customers have no owner now.", n) % words
        said = ngettext("Gave %(n)s customer to %(name)s.", "Gave %(n)s customers to %(name)s.", n)
        return said % words


class LeaveOutMove(FieldMove):
    """Out of figures from now on, or counted again. The figures are made anew afterwards."""

    form = LeaveOutForm

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__({**params, "field": "left_out_at", "value": None})

    def _set(self, change_set: ChangeSet, ids: Sequence[int]) -> list[int]:
        """Whoever is left out already stays so since then."""
        since = timezone.now() if self.params["out"] else None
        return self._set_unless(Q(left_out_at__isnull=not since), since, change_set, ids)

    def sentence(self, n: int) -> str:
        if self.params["out"]:
            said = ngettext("Left %(n)s customer out of figures.", "Left %(n)s customers out of figures.", n)
        else:
            said = ngettext("%(n)s customer counts again.", "%(n)s customers count again.", n)
        return said % {"n": number(n)}
