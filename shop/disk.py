"""Room on the disk: imports and uploads are refused before it runs out, while there is still space to work."""

import shutil
from pathlib import Path

from django.conf import settings


def free_bytes() -> int:
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def nearly_full() -> bool:
    return free_bytes() < settings.DISK_RESERVE
