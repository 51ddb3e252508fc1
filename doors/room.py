"""Says how little room the disk has left, beside whatever went wrong for want of it."""

import shutil
from pathlib import Path

from doors.homes import SYSTEM_HOME
from doors.paths import VAR

LITTLE_MB = 1_000  # imports, and with them the demo shop, are refused below half of it


def left(*folders: Path) -> str:
    """A sentence to put behind another; empty while there is room enough."""
    there = [folder for folder in folders or (VAR, SYSTEM_HOME) if folder.exists()]
    folder, free = min(((folder, shutil.disk_usage(folder).free) for folder in there), key=lambda found: found[1])
    if free >= LITTLE_MB * 1_000_000:
        return ""
    return f" The disk of {folder} has {free // 1_000_000} MB left."
