"""A draft is tried on the orders of the last year before it is published: what it costs, who gains, who loses."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_noop

from crm.models import Customer, Order
from loyalty.discounts.rehearsing import Trying
from loyalty.models import EarningRule, Rehearsal, RehearsedCustomer, TierScheme
from loyalty.programme import counting, windows
from loyalty.programme.comparing import by_customer
from loyalty.programme.earning import Terms
from shop.jobs import job
from shop.models import Job

KIND = "loyalty.rehearse"
STAGE = gettext_noop("Trying it on the orders of a year")
YEAR = timedelta(days=365)
AT_ONCE = 5_000  # orders; more are rehearsed in the background
BATCH = 2000
KEPT = timedelta(days=30)
Progress = Callable[[str, int, int], None]
Compare = Callable[[list[int]], list[RehearsedCustomer]]


@transaction.atomic
def begin(
    *, rule: EarningRule | None = None, scheme: TierScheme | None = None, version: Any = None, by: Any = None
) -> Rehearsal:
    """At once for few orders; for many a job with progress, which can be stopped."""
    now = timezone.now()
    rehearsal = Rehearsal.objects.create(
        rule=rule, scheme=scheme, version=version, since=now - YEAR, until=now, made_by=by
    )
    if Order.objects.filter(placed_at__gte=rehearsal.since)[AT_ONCE : AT_ONCE + 1].exists():
        rehearsal.job = Job.request(KIND, lane=f"{KIND}:{rehearsal.pk}", by=by, rehearsal=rehearsal.pk)
        rehearsal.save(update_fields=["job"])
    else:
        run(rehearsal, lambda stage, done, total: None)
    return rehearsal


@job(KIND)
def rehearse(job: Job) -> dict[str, Any]:
    rehearsal = Rehearsal.objects.get(pk=job.params["rehearsal"])
    RehearsedCustomer.objects.filter(rehearsal=rehearsal).delete()  # of a worker that died over it
    run(rehearsal, job.progress)
    return {"rehearsal": rehearsal.pk}


def run(rehearsal: Rehearsal, progress: Progress) -> None:
    bought = Order.objects.filter(customer=OuterRef("pk"), placed_at__gte=rehearsal.since)
    asked = Customer.objects.present().filter(Exists(bought))
    total, done = asked.count(), 0
    trying = Trying(rehearsal) if rehearsal.version else None
    compare: Any = trying.compare if trying else _rule(rehearsal) if rehearsal.rule else _scheme(rehearsal)
    for ids in _batches(asked):
        progress(STAGE, done, total)
        RehearsedCustomer.objects.bulk_create(compare(ids), batch_size=BATCH)
        done += len(ids)
    rehearsal.result = trying.result() if trying else _result(rehearsal)
    rehearsal.finished_at = timezone.now()
    rehearsal.save(update_fields=["result", "finished_at"])


def _batches(asked: Any) -> Iterator[list[int]]:
    last = 0
    while ids := list(asked.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


def _rule(rehearsal: Rehearsal) -> Compare:
    in_force = EarningRule.in_force_at()
    old = Terms.of(in_force) if in_force else None
    new = Terms.of(rehearsal.rule)

    def compare(ids: list[int]) -> list[RehearsedCustomer]:
        rows = by_customer(ids, old, new, rehearsal.since, rehearsal.until)
        return [
            RehearsedCustomer(rehearsal=rehearsal, customer_id=r.customer, before=r.before, after=r.after) for r in rows
        ]

    return compare


def _scheme(rehearsal: Rehearsal) -> Compare:
    """In ranks: 0 is no tier, 1 the lowest."""
    assert rehearsal.scheme
    old, new = TierScheme.in_force_at(), rehearsal.scheme
    day = timezone.localdate()

    def compare(ids: list[int]) -> list[RehearsedCustomer]:
        before, after = ranks(old, ids, day), ranks(new, ids, day)
        return [
            RehearsedCustomer(rehearsal=rehearsal, customer_id=pk, before=before[pk], after=after[pk]) for pk in ids
        ]

    return compare


def ranks(scheme: TierScheme | None, ids: list[int], day: Any) -> dict[int, int]:
    """What each would have reached by what they did in the window of a day."""
    if scheme is None:
        return dict.fromkeys(ids, 0)
    thresholds = sorted(scheme.steps.values_list("threshold", flat=True))
    joined = counting.joined(ids) if scheme.window == windows.Window.JOINING else dict.fromkeys(ids, day)
    counted = counting.counted(scheme.metric, {pk: windows.around(scheme.window, day, joined[pk]) for pk in ids})
    return {pk: sum(threshold <= counted[pk] for threshold in thresholds) for pk in ids}


def _result(rehearsal: Rehearsal) -> dict[str, Any]:
    rows = RehearsedCustomer.objects.filter(rehearsal=rehearsal)
    result = rows.aggregate(
        customers=Count("pk"),
        before=Sum("before"),
        after=Sum("after"),
        gain=Count("pk", filter=Q(difference__gt=0)),
        lose=Count("pk", filter=Q(difference__lt=0)),
    )
    result = {name: value or 0 for name, value in result.items()}
    if rehearsal.scheme:
        for name in ("before", "after"):
            counts = rows.order_by(name).values_list(name).annotate(n=Count("pk"))
            result[f"ranks_{name}"] = [[rank, n] for rank, n in counts]
    return result


def sweep(now: datetime | None = None) -> int:
    return Rehearsal.sweep((now or timezone.now()) - KEPT)
