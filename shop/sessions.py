"""Sessions of staff: the browser holds the key, the database only its digest."""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

ROOM = 40  # characters of Django's own column


def stored(session_key: str | None) -> str:
    """As much of SHA-256 as there is room for: 160 bits, as many as the key itself has."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()[:ROOM]


class SessionStore(db.SessionStore):
    """Django's own, which tells the database the digest wherever it would tell it the key."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        lasting = self.model.objects.filter(expire_date__gt=timezone.now())
        row = lasting.filter(session_key=stored(self.session_key)).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(stored(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = stored(self.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        self.model.objects.filter(session_key=stored(session_key or self.session_key)).delete()
