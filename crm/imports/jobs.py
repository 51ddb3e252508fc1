"""The two long halves of an import, as jobs of a worker."""

from typing import Any

import psycopg
from django.db import OperationalError
from django.utils.translation import gettext_noop

from crm.imports import running, undoing
from crm.imports.keeping import Kept
from crm.imports.reasons import Refused
from crm.models import Import
from crm.undo.taking_back import AlreadyTakenBack
from shop import disk
from shop.jobs import job
from shop.models import Job

STAGES = {
    "read": gettext_noop("Reading the file"),
    "compare": gettext_noop("Comparing with what is here"),
    "customers": gettext_noop("Writing customers"),
    "orders": gettext_noop("Writing orders"),
    "refunds": gettext_noop("Writing refunds"),
    "lines": gettext_noop("Writing order lines"),
    "numbers": gettext_noop("Writing what they are known by"),
    "tags": gettext_noop("Writing tags"),
    "consent": gettext_noop("Writing what they do not want"),
    "conversations": gettext_noop("Writing conversations"),
    "points": gettext_noop("Writing points"),
    "responses": gettext_noop("Writing answers to surveys"),
    "finish": gettext_noop("Finishing"),
    "undo": gettext_noop("Taking it back"),
}
READ, APPLY, UNDO = "crm.read_import", "crm.apply_import", "crm.undo_import"


def request(order_import: Import, kind: str, by: Any) -> Job:
    wanted = Job.request(kind, lane=f"import:{order_import.pk}", by=by, import_id=order_import.pk)
    order_import.remember(job=wanted)
    return wanted


@job(READ)
def read_import(claimed: Job) -> dict[str, Any]:
    return _run(claimed, running.read)


@job(APPLY)
def apply_import(claimed: Job) -> dict[str, Any]:
    return _run(claimed, running.apply)


@job(UNDO)
def undo_import(claimed: Job) -> dict[str, Any]:
    order_import = Import.objects.select_related("changes").get(pk=claimed.params["import_id"])
    try:
        with Kept(claimed) as kept:
            kept.say(STAGES["undo"], 0, 0)
            outcome = undoing.undo(
                order_import, by=claimed.requested_by, say=lambda done, total: kept.say(STAGES["undo"], done, total)
            )
    except AlreadyTakenBack:
        return {}
    return {"import_id": order_import.pk, "restored": outcome.restored, "kept": outcome.kept}


def _run(claimed: Job, step: Any) -> dict[str, Any]:
    order_import = Import.objects.get(pk=claimed.params["import_id"])
    try:
        with Kept(claimed) as kept:
            step(order_import, lambda stage, done, total: kept.say(STAGES[stage], done, total))
    except Refused as refused:
        return _refused(order_import, refused)
    except (OSError, OperationalError, psycopg.OperationalError) as error:  # COPY speaks to psycopg itself
        if not disk.ran_out(error):
            raise
        return _refused(order_import, Refused("disk"))
    return {"import_id": order_import.pk}


def _refused(order_import: Import, refused: Refused) -> dict[str, Any]:
    order_import.refuse(refused.as_json)
    return {"refused": refused.code}
