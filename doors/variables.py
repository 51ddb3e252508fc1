"""What the site's processes are told through their environment."""

import os
import secrets

from doors.paths import PYTHON, SECRET_KEY, SHOP, VAR
from doors.refusal import Refusal
from doors.servers import Servers

OWN, DEMO = "own", "demo"


def has_demo() -> bool:
    """REGULARS_DEMO says; without it, no demo is made beside a database of the reader's choice."""
    embedded = not os.environ.get("DATABASE_URL")
    return {"1": True, "0": False}.get(os.environ.get("REGULARS_DEMO", ""), embedded)


def shop_served() -> str:
    """`var/shop` says which shop the site serves; "start my own shop" writes it."""
    if not has_demo():
        return OWN
    if not SHOP.exists():
        return DEMO
    if shop := shop_named():
        return shop
    raise Refusal(f"{SHOP} must say “{OWN}” or “{DEMO}”.")


def shop_named() -> str | None:
    """What `var/shop` says; None when it is being written just now, or says nothing we know."""
    shop = SHOP.read_text().strip() if SHOP.exists() else ""
    return shop if shop in (OWN, DEMO) else None


def database_urls(servers: Servers) -> dict[str, str]:
    own = servers.database_url("regulars")
    if not has_demo():
        return {OWN: own}
    before, mark, query = own.partition("?")
    return {OWN: own, DEMO: f"{before}_demo{mark}{query}"}


def environment(servers: Servers, shop: str, role: str = "manage") -> dict[str, str]:
    urls = database_urls(servers)
    programs = [str(PYTHON.parent), os.environ.get("PATH", "")]
    handed = {
        "PATH": os.pathsep.join(programs),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": urls[shop],
        "REDIS_URL": servers.redis_url(),
        "REGULARS_ROLE": role,
        "REGULARS_SHOP": shop,
        "REGULARS_SHOP_FILE": str(SHOP),
        "REGULARS_OWN_DATABASE_URL": urls[OWN],
        "REGULARS_DEMO_DATABASE_URL": urls.get(DEMO, ""),
        "OPENBLAS_NUM_THREADS": "1",
        # What large arrays took goes back to the system at once: a full run of a large shop takes a seventh less.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": "1048576",
        "PYTHONUNBUFFERED": "1",
    }
    defaults = {"SECRET_KEY": _secret_key(), "STATIC_ROOT": str(VAR / "static")}
    return defaults | os.environ | handed


def _secret_key() -> str:
    """Made once for this checkout, so that sessions outlive a restart."""
    try:
        return SECRET_KEY.read_text()
    except FileNotFoundError:
        key = secrets.token_urlsafe(50)
        with os.fdopen(os.open(SECRET_KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
        return key
