"""Whatever a program sends, well-formed or not: what it is answered is in the papers. Thought up by schemathesis.

bin/test -m slow tests/any_request        100 requests of each kind for each operation
ANY_REQUESTS=1000 bin/test -m slow …      more of them
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shop.api.schema import groups
from shop.rights import RIGHTS
from tests import build
from tests.any_request.shop import Names, open_shop

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
EACH = os.environ.get("ANY_REQUESTS", "100")
CHECKS = """
    not_a_server_error status_code_conformance content_type_conformance response_schema_conformance
    response_headers_conformance ignored_auth unsupported_method allow_header_conformance
""".split()
PARTS = [name for name, _text, _pattern in groups()]
HOOKS = Path(__file__).with_name("hooks.py")
WORDS = ["sam@shop.example", "dora@people.example", "shop:c-7", "c-7", "shop", "h-1", "12.50", "2026-11-01T12:00:00Z"]
ALONE = ["--phases=examples,coverage,fuzzing"]
HALVES = {
    "one": [*ALONE, *(f"--include-tag={name}" for name in PARTS[::2])],
    "other": [*ALONE, *(f"--include-tag={name}" for name in PARTS[1::2])],
    "one after another": ["--phases=stateful"],
}


@pytest.mark.parametrize("what", HALVES)
def test_any_request_is_answered_as_the_papers_say(what, live_server, settings, tmp_path):
    settings.API_PER_MINUTE = 10**6
    told = tmp_path / "schemathesis.toml"
    told.write_text(known(open_shop()))
    key = build.api_key("any", *RIGHTS)

    run = schemathesis(told, f"{live_server.url}/api/v1/openapi.json", f"-HAuthorization: Bearer {key}", *HALVES[what])

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]


def known(names: Names) -> str:
    """Half of the addresses name something that is there, and so do many of the bodies."""
    lines = [f"hooks = {str(HOOKS)!r}", "[generation]", 'database = "none"', "deterministic = true"]
    lines += ["[generation.dictionaries]", 'string = { dictionary = "words", probability = 0.3 }']
    lines += ['integer = { dictionary = "id", probability = 0.3 }', '[dictionaries."words"]', f"values = {WORDS!r}"]
    for name, values in names.items():
        lines += [f'[dictionaries."{name}"]', f"values = {values!r}"]
        lines += [f'[parameters."path.{name}"]', f'dictionary = "{name}"', "probability = 0.5"]
    return "\n".join(lines)


def schemathesis(told: Path, papers: str, *more: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "schemathesis"
    words = [
        f"--config-file={told}",
        "run",
        papers,
        f"--max-examples={EACH}",
        "--request-timeout=60",
        f"--checks={','.join(CHECKS)}",
    ]
    quiet = ["--no-color", "--suppress-health-check=all", "--continue-on-failure", "--warnings=off"]
    return subprocess.run([program, *words, *quiet, *more], capture_output=True, text=True, cwd=told.parent)
