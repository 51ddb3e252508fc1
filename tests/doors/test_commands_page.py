"""docs/commands.md against the commands there are."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "commands.md").read_text()
OURS = {name: app for name, app in get_commands().items() if app in ("shop", "crm", "analytics", "loyalty", "feedback")}


def documented(section: str) -> dict[str, str]:
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| `([^`]+)` \|", text, re.M)
    return {line.split()[0]: line for line in lines}


def test_every_door_is_on_the_page_and_no_other():
    doors = {f"bin/{path.name}" for path in (ROOT / "bin").iterdir() if path.name != "door"}

    assert set(documented("Doors")) == doors


def test_every_management_command_is_on_the_page_and_no_other():
    assert set(documented("Management commands")) == set(OURS)


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_page_names_the_options_a_command_has(name):
    parser = load_command_class(OURS[name], name).create_parser("manage.py", name)
    general = {"--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color"}
    general |= {"--force-color", "--skip-checks"}
    options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}

    assert set(re.findall(r"--[\w-]+", documented("Management commands")[name])) == options - general


def variables_on_the_page():
    rows = PAGE.split("## Environment\n")[1]
    return set(re.findall(r"`([A-Z][A-Z_]+)`", "\n".join(re.findall(r"^\| (`[^|]+) \|", rows, re.M))))


def test_every_variable_on_the_page_is_read_somewhere():
    folders = [ROOT / name for name in ("config", "doors", "shop", "docker")]
    readers = [*(path for folder in folders for path in folder.glob("*.py")), ROOT / "docker-compose.yml"]
    code = "\n".join(path.read_text() for path in readers)

    unread = {name for name in variables_on_the_page() if not re.search(rf'["{{]{name}\b', code)}

    assert unread == set()


def test_every_variable_the_site_reads_is_on_the_page():
    between_us = {"DEBUG", "PLAIN_STATIC", "REGULARS_TESTING", "REGULARS_ROLE", "REGULARS_SHOP", "REGULARS_SHOP_FILE"}
    between_us |= {"REGULARS_OWN_DATABASE_URL", "REGULARS_DEMO_DATABASE_URL"}
    readers = ("config/settings.py", "config/connections.py", "docker/gunicorn.py")
    code = "\n".join((ROOT / path).read_text() for path in readers)

    read = set(re.findall(r'\benv(?:iron)?(?:\.\w+)?\(\s*"([A-Z_]+)"', code)) | {"WORKERS"}

    assert len(read) > 20
    assert read - between_us == read & variables_on_the_page()
