"""What happened to one complaint, newest first: its events and the conversations about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.models import Complaint, Event

MOST = 300


@dataclass
class Happened:
    """As the timeline of the card draws it. `note` for a conversation."""

    at: datetime
    kind: str
    by: str
    data: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    owner_name: str = ""


def story(complaint: Complaint, names: dict[str, str]) -> list[Happened]:
    events = Event.objects.filter(subject_type="crm.complaint", subject_id=complaint.pk).order_by("-pk")[:MOST]
    notes = complaint.notes.order_by("-at", "-pk").prefetch_related("attachments")[:MOST]
    told = [
        Happened(
            event.at,
            event.kind,
            names.get(event.actor, ""),
            event.data,
            owner_name=names.get(event.data.get("owner", ""), ""),
        )
        for event in events
    ]
    said = [
        Happened(note.at, note.kind, names.get(f"staff:{note.by_id}", ""), {"files": _files(note)}, text=note.body)
        for note in notes
    ]
    return sorted(told + said, key=lambda one: one.at, reverse=True)


def _files(note: Any) -> list[dict[str, Any]]:
    return [{"id": file.pk, "name": file.name} for file in note.attachments.all()]
