import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from shop.asking import ask
from shop.models.audit_row import AuditRow

# Every request begins with this.
_IN_FORCE = """
SELECT DISTINCT ON (name) name, value FROM shop_setting WHERE since <= %s ORDER BY name, since DESC, id DESC
"""
_remembered: ContextVar[dict[str, Any] | None] = ContextVar("settings_read_once", default=None)


class Setting(models.Model):
    """One value of one preference from a moment on. The newest begun row is in force; rows are only added."""

    name = models.CharField(max_length=64)
    value = models.JSONField()
    since = models.DateTimeField(default=timezone.now)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "since"], name="setting_has_one_value_at_a_time")]

    @classmethod
    def all(cls, at: datetime | None = None) -> dict[str, Any]:
        """Every preference with the value in force at a moment (now), by name."""
        remembered = _remembered.get()
        if at is None and remembered:
            return remembered
        values = dict(_read(tuple(ask(_IN_FORCE, [at or timezone.now()]))))
        if at is None and remembered is not None:
            _remembered.set(values)
        return values

    @classmethod
    def get(cls, name: str, at: datetime | None = None) -> Any:
        return cls.all(at)[name]

    @classmethod
    @transaction.atomic
    def put(cls, name: str, value: Any, *, by: Any = None, since: datetime | None = None) -> "Setting":
        from shop.preferences import preference

        row = cls(name=name, value=preference(name).to_json(value), since=since or timezone.now(), set_by=by)
        row.save(force_insert=True)
        AuditRow.write("setting.changed", by=by, name=name, value=row.value)
        if _remembered.get() is not None:
            _remembered.set({})
        return row

    @property
    def shown(self) -> str:
        """The value as the settings screen words it."""
        from shop.preferences import preference

        return preference(self.name).shown(self.value)

    @staticmethod
    @contextmanager
    def read_once() -> Iterator[None]:
        """Inside, this context asks the table once; an empty dict means: not read yet."""
        token = _remembered.set({})
        try:
            yield
        finally:
            _remembered.reset(token)


@lru_cache(maxsize=32)
def _read(rows: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Every preference with its value. The same rows mean the same; they are the same for days."""
    from shop.preferences import all_preferences

    stored = {name: json.loads(value) for name, value in rows}
    values = {p.name: p.from_json(stored[p.name]) if p.name in stored else p.default for p in all_preferences()}
    return values | {name: default(values) for name, default in values.items() if callable(default)}
