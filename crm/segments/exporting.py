"""Writes the customers of a question into a file, page by page, so that the memory of a page is enough."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.facets import Facet
from crm.models import Event, Export
from crm.segments.files import WRITERS, plain
from crm.segments.pages import page_of
from crm.segments.place import Place
from crm.segments.question import Question
from shop import disk
from shop.jobs import job
from shop.models import Job

AT_ONCE = 1000  # so many are written while one waits
PAGE = 2000
KIND = "crm.export"
WRITING = gettext_noop("Writing customers")
# What somebody was searched by is no matter for an audit that is kept for ever.
LEFT_OUT = "…"

Say = Callable[[int], None]


class NotReadable(Exception):
    """A part of the question cannot be read any more: the file would hold more people than were asked for."""


class NoRoom(Exception):
    """The disk is nearly full."""


def request(export: Export, expected: int, about: bool) -> None:
    """Few are written now, many in the background."""
    if about or expected > AT_ONCE:
        export.job = Job.request(KIND, lane=f"export:{export.pk}", by=export.by, export_id=export.pk)
        export.save(update_fields=["job"])
    else:
        write(export, lambda done: None)


@job(KIND)
def export_customers(claimed: Job) -> dict[str, Any]:
    export = Export.objects.select_related("by").get(pk=claimed.params["export_id"])
    if export.finished_at is None and export.swept_at is None:
        total = question_of(export).customers.count()
        write(export, lambda done: claimed.progress(WRITING, done, total))
    return {"export_id": export.pk}


def question_of(export: Export) -> Question:
    """As the person who asked may ask it now."""
    question = Question.read(QueryDict(export.address), export.by)
    return question if export.picked is None else question.of_picked(export.picked)


def write(export: Export, say: Say) -> None:
    """The file, and what the audit says of it. A file that was begun before is begun anew."""
    if disk.nearly_full():
        raise NoRoom
    question = question_of(export)
    if not question.readable or not export.by.may("customers.export"):
        raise NotReadable
    export.begin(f"{uuid.uuid4().hex}.{export.format}")
    export.path.parent.mkdir(parents=True, exist_ok=True)
    facets = [question.facets[name] for name in export.columns if name in question.facets]
    try:
        with translation.override(export.by.language):
            count = WRITERS[export.format](export.path, _("Customers"), _heads(facets), _rows(question, facets, say))
    except BaseException:
        export.path.unlink(missing_ok=True)
        raise
    _finish(export, question, facets, count)


@transaction.atomic
def _finish(export: Export, question: Question, facets: list[Facet], count: int) -> None:
    export.count, export.finished_at = count, timezone.now()
    export.save(update_fields=["count", "finished_at"])
    Event.record(
        "customers.exported",
        subject=export,
        actor=export.by.actor,
        filter=_for_the_audit(question),
        columns=[facet.name for facet in facets],
        count=count,
        format=export.format,
    )


def _heads(facets: list[Facet]) -> list[str]:
    return [_("Card"), _("Customer number"), _("Customer"), *(str(facet.label) for facet in facets)]


def _rows(question: Question, facets: list[Facet], say: Say) -> Iterator[list[Any]]:
    done, place = 0, None
    while True:
        page = page_of(replace(question, size=PAGE, place=place), facets, patient=True)
        for customer in page.rows:
            yield [customer.pk, _number(customer), customer.name, *(_value(question, f, customer) for f in facets)]
        done += len(page.rows)
        say(done)
        if not page.after:
            return
        last = page.rows[-1]
        place = Place(False, last.sort_value, last.pk)


def _number(customer: Any) -> str:
    return customer.numbers[0].value if customer.numbers else ""


def _value(question: Question, facet: Facet, customer: Any) -> Any:
    value = getattr(customer, f"facet_{facet.name}")
    if value is None or facet.kind not in ("choice", "yes_no") or facet.shown_as:
        return plain(value)
    labels = question.options(facet.name)
    if isinstance(value, list):
        return ", ".join(str(labels.get(str(one), one)) for one in value)
    if facet.kind == "yes_no":
        return str(labels["yes" if value else "no"])
    return str(labels.get(str(value), value)) if value != "" else ""


def _for_the_audit(question: Question) -> str:
    groups = tuple(
        replace(
            group,
            filters=tuple(
                replace(one, values=(LEFT_OUT,)) if question.facets[one.name].kind == "text" else one
                for one in group.filters
            ),
        )
        for group in question.groups
    )
    said = replace(question, groups=groups, q=LEFT_OUT if question.q else "", view="", place=None)
    picked = "" if question.picked is None else f"pick={len(question.picked)}"
    return "&".join(part for part in (QueryDict(said.address()).urlencode(), picked) if part)


def sweep() -> int:
    """The link is over after 24 hours, the file goes within the hour that follows."""
    over = list(Export.objects.over().order_by("pk")[:200])
    for export in over:
        if not (export.job and export.job.is_live):
            export.drop()
    return len(over)
