"""One JSON object a line: time, level, message, request id, and ids only. Nothing a person typed goes into a log."""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

# `data` is Celery's: the arguments and the words of an error once more.
_BUILT_IN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "taskName", "data"}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if request_id.get():
            line["request"] = request_id.get()
        line |= {name: _plain(value) for name, value in vars(record).items() if name not in _BUILT_IN}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(record.exc_info[2])[-8:]]
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """Celery words a failed task with the text of the error, which may quote what somebody typed."""
    if record.name == "celery.app.trace" and isinstance(record.args, dict) and record.args.get("exc"):
        return f"task {record.args.get('name')} {record.args.get('description')}"
    return record.getMessage()


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | None) else str(value)
