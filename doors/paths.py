"""Where things are in this checkout."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

VAR = ROOT / "var"
LOGS = VAR / "log"
LOCK = VAR / "servers.lock"
SHOP = VAR / "shop"
SECRET_KEY = VAR / "secret-key"
DEMO_LOGINS = VAR / "demo-logins.txt"


def packages() -> Path:
    """The site-packages of the Python that runs this."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Path(sys.prefix) / "lib" / version / "site-packages"


def shown(path: Path) -> str:
    """The path as short as a reader in the checkout needs it."""
    return os.path.relpath(path, ROOT) if path.is_relative_to(ROOT) else str(path)
