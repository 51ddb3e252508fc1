"""What a monitor wants to know, in the text format of Prometheus; each room tells of its own tables.

Asked of the database at the moment of the question, so every process answers the same and none has to remember.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.module_loading import import_string

from shop import disk
from shop.models import Heartbeat, Job

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "regulars_"


class Told(Protocol):
    def lines(self) -> Iterator[str]: ...


@dataclass(frozen=True)
class Gauge:
    """One figure, or one for each value of one label."""

    name: str
    meaning: str
    value: float = 0
    label: str = ""
    values: dict[str, float] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        name = PREFIX + self.name
        yield f"# HELP {name} {self.meaning}"
        yield f"# TYPE {name} gauge"
        if not self.label:
            yield f"{name} {self.value:g}"
        for of, value in self.values.items():
            yield f'{name}{{{self.label}="{escaped(of)}"}} {value:g}'


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def as_text() -> str:
    told: Iterable[Told] = (one for path in settings.METRICS for one in import_string(path)())
    return "\n".join(line for one in told for line in one.lines()) + "\n"


def seconds_since(at: Any) -> float:
    return max((timezone.now() - at).total_seconds(), 0) if at else 0


def of_the_house() -> Iterator[Gauge]:
    silent = {name: seconds_since(at) for name, at in Heartbeat.objects.order_by("name").values_list("name", "at")}
    yield Gauge("heartbeat_age_seconds", "Since a process of the spine was heard of.", label="process", values=silent)
    live = Job.objects.live()
    states = dict(live.order_by("state").values_list("state").annotate(n=Count("pk")))
    counts = {state.value: states.get(state.value, 0) for state in (Job.State.QUEUED, Job.State.RUNNING)}
    yield Gauge("jobs", "Jobs that wait or run.", label="state", values=counts)
    oldest = Job.objects.due().aggregate(at=Min("due_at"))["at"]
    yield Gauge(
        "job_oldest_due_seconds", "For how long the oldest job that is due has not been taken.", seconds_since(oldest)
    )
    yield Gauge("disk_free_bytes", "Free where uploads are kept.", disk.free_bytes())
