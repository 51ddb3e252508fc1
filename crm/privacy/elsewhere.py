"""What is kept of a person outside the rows that are theirs: named by others, in files on their way in, in answers.

Text is looked through table by table in one statement each; rows that name the person are few, and are rewritten.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.models.functions import Cast
from django.utils import timezone

from crm.events.kinds import KINDS
from crm.imports import staging
from crm.models import Event, Export, Identifier, Import, KeptMail, RejectedRow
from crm.privacy import traces
from crm.privacy.held import free_text
from shop.models import KeptAnswer

BATCH = 500


def wipe(erasing: Any, say: Callable[[int, int], None]) -> None:
    if erasing.patterns:
        for done, (label, names) in enumerate(free_text().items()):
            say(done, len(free_text()))
            erasing.count(label, "elsewhere", _rewrite(apps.get_model(label), names, erasing.patterns))
        erasing.count("shop.KeptAnswer", "erased", _matching(KeptAnswer, "content", erasing.patterns).delete()[0])
        erasing.count("crm.KeptMail", "erased", _matching(KeptMail, "recipients", erasing.patterns).delete()[0])
    erasing.count("crm.Import", "erased", _forget_imports(erasing))
    erasing.count("crm.Export", "erased", _forget_exports(erasing))


def rows_to_read() -> int:
    """About how many rows hold what somebody typed, as the database last counted them."""
    tables = [apps.get_model(label)._meta.db_table for label in free_text()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(greatest(reltuples, 0)), 0) FROM pg_class WHERE relname = ANY (%s)", [tables]
        )
        return int(cursor.fetchone()[0])


def _rewrite(model: Any, names: tuple[str, ...], patterns: list[str]) -> int:
    """In every row that names the person, the name becomes ‹erased›."""
    found, pattern = 0, traces.for_python(traces.together(patterns))
    for name in names:
        rows = _matching(model, name, patterns).order_by("pk")
        if model is Event:
            rows = rows.filter(kind__in=[kind for kind, known in KINDS.items() if known.personal])
        for row in rows.only("pk", name).iterator(chunk_size=BATCH):
            limit = getattr(model._meta.get_field(name), "max_length", None)
            changed = traces.without(getattr(row, name), pattern)
            changed = changed[:limit] if limit and isinstance(changed, str) else changed
            found += model._base_manager.filter(pk=row.pk).update(**{name: changed})
    return found


def _matching(model: Any, name: str, patterns: list[str]) -> Any:
    """Rows of which this text names the person. The field's name comes from a model, never from a person."""
    rows = model._base_manager.alias(searched_text=Cast(name, models.TextField()))
    return rows.filter(searched_text__iregex=traces.together(patterns))


def _forget_imports(erasing: Any) -> int:
    """Files on their way in that name the person are forgotten, and every file that has come in: it has done its work.

    A file that nobody has read in yet cannot be looked through, and is forgotten too.
    """
    forgotten = 0
    for one in Import.objects.filter(swept_at=None).order_by("pk"):
        if one.applied_at:
            _drop_file(one, erasing)
            forgotten += _matching(RejectedRow, "cells", erasing.patterns or ["$^"]).filter(of=one).delete()[0]
        elif one.owns_file and (not _is_staged(one) or _names(one, erasing)):
            staging.drop(one)
            forgotten += 1 + one.rejected.all().delete()[0]
            _drop_file(one, erasing)
            one.remember(swept_at=timezone.now())
    return forgotten


def _forget_exports(erasing: Any) -> int:
    """Files that can still be fetched and may hold the person; also those that are being written."""
    gone = [one for one in Export.objects.filter(swept_at=None).order_by("pk") if one.may_hold(erasing.cards)]
    for one in gone:
        if one.file:
            erasing.files.add(str(one.path.relative_to(settings.MEDIA_ROOT)))
        one.forget()
    return len(gone)


def _drop_file(one: Import, erasing: Any) -> None:
    media = Path(settings.MEDIA_ROOT)
    for path in [one.file] * one.owns_file + [Path(one.workbook)] * bool(one.workbook):
        if path.is_relative_to(media):
            erasing.files.add(str(path.relative_to(media)))


def _is_staged(one: Import) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [one.staging])
        return bool(cursor.fetchone()[0])


def _names(one: Import, erasing: Any) -> bool:
    pattern = traces.together(erasing.patterns) or "$^"
    if _matching(RejectedRow, "cells", [pattern]).filter(of=one).exists():
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {one.staging} AS staged"
            " WHERE staged::text ~* %s OR to_jsonb(staged) ->> 'customer' = ANY (%s))",
            [pattern, _numbers(erasing)],
        )
        return bool(cursor.fetchone()[0])


def _numbers(erasing: Any) -> list[str]:
    theirs = Identifier.objects.filter(customer__in=erasing.cards, kind__in=["external", "card"])
    return list(theirs.values_list("normalised", flat=True))
