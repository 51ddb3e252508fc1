"""Room on the disk: imports and uploads are refused before it runs out, while there is still space to work."""

import errno
import shutil
from pathlib import Path

import psycopg
from django.conf import settings

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def free_bytes() -> int:
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def nearly_full() -> bool:
    return free_bytes() < settings.DISK_RESERVE


def ran_out(error: BaseException) -> bool:
    """Whether a write failed for want of room, here or under the database."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    return isinstance(error.__cause__ or error, psycopg.errors.DiskFull)
