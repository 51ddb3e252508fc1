"""Container health: the web answers /livez, the worker a ping; relay and beat leave a heartbeat in the database."""

import os
import sys
import urllib.request
from datetime import timedelta

LATE = timedelta(seconds=120)


def web() -> bool:
    host = os.environ["ALLOWED_HOSTS"].split(",")[0]
    request = urllib.request.Request("http://127.0.0.1:8000/livez", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
        return bool(answer.status == 200)


def worker() -> bool:
    from config.celery import app

    return bool(app.control.ping([f"celery@{os.uname().nodename}"], timeout=3))


def beating(name: str) -> bool:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.utils import timezone

    django.setup()
    from shop.models import Heartbeat

    return Heartbeat.objects.filter(name=name, at__gt=timezone.now() - LATE).exists()


if __name__ == "__main__":
    sys.path.insert(0, ".")
    role = sys.argv[1]
    healthy = web() if role == "web" else worker() if role == "worker" else beating(role)
    sys.exit(0 if healthy else 1)
