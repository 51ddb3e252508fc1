"""The papers of the repository against the repository."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPERS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_decisions_are_numbered_without_gaps_and_without_doubles():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").iterdir())

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_paper_links_to_is_there(paper):
    links = re.findall(r"\]\(([^)#\s]+)", re.sub(r"```.*?```|`[^`]*`", "", paper.read_text(), flags=re.S))

    missing = [link for link in links if not link.startswith("http") and not (paper.parent / link).exists()]

    assert not missing


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_modules_a_paper_names_are_there(paper):
    named = re.findall(r"`((?:shop|crm|analytics|config|doors|tests|bench)/[\w/]+(?:\.py)?)`", paper.read_text())

    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("room", ["crm", "loyalty", "feedback"])
def test_every_package_of_a_room_says_what_it_owns(room):
    table = (ROOT / "CONTRIBUTING.md").read_text().split(f"| in `{room}/` | owns |")[1].split("\n\n")[0]
    packages = {path.parent.name for path in (ROOT / room).glob("*/__init__.py")}
    told = {name for first in re.findall(r"^\| ([^|]+) \|", table, re.M) for name in re.findall(r"`(\w+)/`", first)}

    assert told == packages - {"migrations", "management"}
