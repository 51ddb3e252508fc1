"""/metrics: what a monitor reads, and who may."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from crm.models import Event, Reaction
from shop.metrics import Gauge
from shop.models import Heartbeat

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\n]*"\})? [0-9.e+]+')


def read(client, **headers):
    return client.get("/metrics", **headers)


def test_a_monitor_reads_how_the_spine_is(client, db):
    Heartbeat.beat("relay")
    Event.record("order.cancelled", reference="R1")
    Reaction.objects.update(due_at=timezone.now() - timedelta(minutes=5))

    answer = read(client)

    lines = answer.content.decode().splitlines()
    assert all(line.startswith("# ") or LINE.fullmatch(line) for line in lines)
    said = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert float(said["regulars_reactions_waiting"]) == Reaction.objects.count()
    assert float(said["regulars_reactions_oldest_due_seconds"]) >= 300
    assert {"regulars_deliveries_failed", "regulars_mails_waiting", 'regulars_jobs{state="queued"}'} <= set(said)
    assert 'regulars_heartbeat_age_seconds{process="relay"}' in said


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Bearer \u00e9", "secret"])
def test_from_elsewhere_only_with_the_token(client, db, settings, given):
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert read(client, **far, HTTP_AUTHORIZATION="Bearer ").status_code == 404

    settings.METRICS_TOKEN = "secret"

    assert read(client, **far, HTTP_AUTHORIZATION=given).status_code == 404
    assert read(client, **far, HTTP_AUTHORIZATION="Bearer secret").status_code == 200


def test_a_label_cannot_break_its_line():
    (line,) = [*Gauge("x", "y", label="of", values={'a"b\nc\\': 1}).lines()][2:]

    assert line == 'regulars_x{of="a\\"b\\nc\\\\"} 1'


@pytest.mark.slow
def test_the_settings_of_production_pass_the_checks_of_django():
    production = {
        **{name: value for name, value in os.environ.items() if name not in ("DEBUG", "REGULARS_TESTING")},
        "SECRET_KEY": "k7Jv2qPz9xW4tLr8mNc3sYb6dHf1gKa5eUo0iQwRZVXTBEC-_plus",
        "SITE_URL": "https://crm.shop.example",
        "ALLOWED_HOSTS": "crm.shop.example",
        "TRUSTED_PROXIES": "1",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, env=production, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
