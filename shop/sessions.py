"""Sessions of staff: the browser holds the key, the database its digest, and in columns who, when and from where."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from shop.models import StaffSession

ROOM = 40  # characters of Django's own column


def stored(session_key: str | None) -> str:
    """As much of SHA-256 as there is room for: 160 bits, as many as the key itself has."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()[:ROOM]


class SessionStore(db.SessionStore):
    """Django's own, which tells the database the digest wherever it would tell it the key."""

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def _get_session_from_db(self) -> StaffSession | None:
        lasting = self.model.objects.filter(expire_date__gt=timezone.now())
        row: Any = lasting.filter(session_key=stored(self.session_key)).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(stored(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        row: Any = super().create_model_instance(data)
        row.session_key = stored(self.session_key)
        row.user_id = data.get("_auth_user_id")
        row.since, row.seen_at = _moment(data.get("since")), _moment(data.get("seen"))
        row.address, row.browser, row.system = data.get("from", ("", "", ""))
        return row

    def delete(self, session_key: str | None = None) -> None:
        self.model.objects.filter(session_key=stored(session_key or self.session_key)).delete()


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
