"""Changes of many as jobs of a worker."""

from contextlib import suppress
from typing import Any

from django.utils.translation import gettext_noop

from crm.bulk.running import Bulk
from crm.imports.keeping import Kept
from crm.models import ChangeSet
from crm.undo.taking_back import AlreadyTakenBack
from shop.jobs import job
from shop.models import Cancelled, Job

CHANGE, TAKE_BACK = "crm.change_many", "crm.take_back_many"
STAGES = {CHANGE: gettext_noop("Changing customers"), TAKE_BACK: gettext_noop("Taking it back")}


def request(bulk: Bulk, kind: str, by: Any) -> Job:
    """A second request for the same joins the first."""
    change_set = bulk.change_set
    wanted = Job.request(kind, lane=f"{kind}:{change_set.pk}", by=by, change_set=change_set.pk)
    ChangeSet.objects.filter(pk=change_set.pk).update(job=wanted)
    return wanted


@job(CHANGE)
def change_many(claimed: Job) -> dict[str, Any]:
    bulk = Bulk(ChangeSet.objects.select_related("by").get(pk=claimed.params["change_set"]))
    try:
        claimed.progress(STAGES[CHANGE])
        return {"changed": bulk.run(lambda done, total: claimed.progress(STAGES[CHANGE], done, total))}
    except Cancelled:
        claimed.refresh_from_db()
        if claimed.cancel_requested_at:
            _forget_what_was_done(bulk, claimed)
        raise


def _forget_what_was_done(bulk: Bulk, claimed: Job) -> None:
    # Taken back already: a worker before this one did, and died before it could say so.
    with suppress(AlreadyTakenBack):
        bulk.take_back(by=claimed.requested_by)


@job(TAKE_BACK)
def take_back_many(claimed: Job) -> dict[str, Any]:
    bulk = Bulk(ChangeSet.objects.select_related("by").get(pk=claimed.params["change_set"]))
    try:
        with Kept(claimed) as kept:
            kept.say(STAGES[TAKE_BACK], 0, 0)
            outcome = bulk.take_back(
                by=claimed.requested_by, say=lambda done, total: kept.say(STAGES[TAKE_BACK], done, total)
            )
    except AlreadyTakenBack:
        return {}
    return {"restored": outcome.restored, "kept": outcome.kept}
