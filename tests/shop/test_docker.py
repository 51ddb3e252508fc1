"""docker-compose.yml and Dockerfile, held against what the settings read and what production must be."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ["web", "relay", "worker", "beat"]
SECRETS = ["SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"]


def test_every_process_of_the_spine_is_there_with_its_own_role():
    assert set(SERVICES) == {*OURS, "migrate", "postgres", "redis"}
    assert [SERVICES[name]["environment"]["REGULARS_ROLE"] for name in OURS] == OURS


def test_every_variable_given_is_one_the_settings_read():
    read = set()
    for name in ("settings.py", "connections.py"):
        text = (ROOT / "config" / name).read_text()
        read |= set(re.findall(r'env(?:\.\w+)?\(\s*"(\w+)"', text))
    celery_reads = {"REMAP_SIGTERM"}

    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= read | celery_reads


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
    stages = (ROOT / "Dockerfile").read_text().split("FROM ")

    assert re.search(r"^USER regulars$", stages[-1], re.M)


def test_data_outlive_the_containers_and_redis_writes_its_log():
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert "--appendonly yes" in SERVICES["redis"]["command"][-1]
    assert "noeviction" in SERVICES["redis"]["command"][-1]
    assert set(COMPOSE["volumes"]) == {"data", "postgres", "redis"}


def test_only_the_web_is_reachable_and_only_from_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published == {"web": ["127.0.0.1:8000:8000"]}
