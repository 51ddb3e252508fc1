"""What is done to a tag itself and to all who have it: it is deleted, or goes into another."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from crm.bulk.moves import Move, UntagMove
from crm.models import ChangeSet, Event, Tag, Tagging
from crm.undo.recording import note_after, note_before


def everybody_with(tag: Tag) -> str:
    """The question that this tag answers, as the list asks it."""
    return f"tags={tag.pk}"


def _delete(change_set: ChangeSet, model: Any, rows: Any) -> int:
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    note_before(change_set, model, ids)
    model.objects.filter(pk__in=ids)._raw_delete(using="default")
    note_after(change_set, model, ids)
    return len(ids)


class DeleteTagMove(UntagMove):
    def finish(self, change_set: ChangeSet, *, actor: str) -> None:
        """Cards that were merged into others may still have it."""
        _delete(change_set, Tagging, Tagging.objects.filter(tag=self.params["tag"]))
        if _delete(change_set, Tag, Tag.objects.filter(pk=self.params["tag"])):
            Event.record("tag.deleted", actor=actor, tag=self.params["name"])

    def sentence(self, n: int) -> str:
        return _("Deleted the tag “%(tag)s”.") % {"tag": self.params["name"]}


class MergeTagsMove(Move):
    """Who has both keeps one. Timelines say nothing: for the customer the word changes, not the fact."""

    def change(self, change_set: ChangeSet, ids: Sequence[int], *, actor: str) -> int:
        return self._hand_over(change_set, Tagging.objects.filter(tag=self.params["tag"], customer__in=list(ids)))

    def _hand_over(self, change_set: ChangeSet, rows: Any) -> int:
        into = self.params["into"]
        other = Tagging.objects.filter(customer=OuterRef("customer"), tag=into)
        twice = _delete(change_set, Tagging, rows.filter(Exists(other)))
        moved = list(rows.order_by("pk").values_list("pk", flat=True))
        note_before(change_set, Tagging, moved)
        Tagging.objects.filter(pk__in=moved).update(tag=into)
        note_after(change_set, Tagging, moved)
        return twice + len(moved)

    def finish(self, change_set: ChangeSet, *, actor: str) -> None:
        self._hand_over(change_set, Tagging.objects.filter(tag=self.params["tag"]))
        if _delete(change_set, Tag, Tag.objects.filter(pk=self.params["tag"])):
            Event.record("tag.merged", actor=actor, tag=self.params["name"], into=self.params["into_name"])

    def sentence(self, n: int) -> str:
        words = {"tag": self.params["name"], "into": self.params["into_name"]}
        return _("“%(tag)s” went into “%(into)s”.") % words
