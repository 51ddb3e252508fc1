import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from shop.models import User


class MentionQuerySet(models.QuerySet["Mention"]):
    def unseen_by(self, user: Any) -> "MentionQuerySet":
        return self.filter(user=user, seen_at=None)


class Mention(models.Model):
    """A colleague named in a conversation, who should read it."""

    note = models.ForeignKey("crm.Note", models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="colleague_is_mentioned_once_in_a_note")]
        indexes = [models.Index(fields=["user", "id"], name="mention_unseen", condition=models.Q(seen_at=None))]

    @classmethod
    def find_in(cls, note: Any) -> None:
        """One for each colleague whom the note names, except its author."""
        if "@" in note.body:
            named = mentioned(note.body, User.objects.active())
            Mention.objects.bulk_create(Mention(note=note, user=user) for user in named if user.pk != note.by_id)

    def see(self) -> bool:
        """False: it was seen before."""
        return bool(Mention.objects.filter(pk=self.pk, seen_at=None).update(seen_at=timezone.now()))


def mentioned(text: str, staff: Iterable[User]) -> list[User]:
    """Those named after an @: by the whole name, or by a first name that only one of them has."""
    calls: dict[str, User | None] = {}
    everybody = list(staff)
    for user in everybody:
        first = str(user).split()[0].casefold()
        calls[first] = None if first in calls else user
    calls |= {" ".join(str(user).split()).casefold(): user for user in everybody}
    longest_first = "|".join(re.escape(call) for call in sorted(calls, key=len, reverse=True))
    text = " ".join(text.split()).casefold()
    found = re.findall(rf"(?<!\w)@({longest_first})(?!\w)", text) if calls else []
    return list(dict.fromkeys(called for call in found if (called := calls[call])))
