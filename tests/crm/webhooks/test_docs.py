"""docs/webhooks.md is run: what it says verifies what we send."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from crm.webhooks import signing
from crm.webhooks.delivering import LINES_EACH, SCHEDULE

PAGE = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WITH_A_LIBRARY, WITHOUT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def message(secrets=(SECRET,), at=None):
    body = json.dumps(json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])).encode()
    return body, signing.headers("msg_1", at or timezone.now(), body, secrets)


def test_the_example_without_a_library_knows_ours_from_others():
    known = {}
    exec(WITHOUT, known)
    body, headers = message()

    assert known["is_ours"](SECRET, headers, body)
    assert known["is_ours"](SECRET, message(["whsec_AAAA", SECRET])[1], body)
    assert not known["is_ours"](SECRET, headers, body + b" ")
    assert not known["is_ours"]("whsec_AAAA", headers, body)
    assert not known["is_ours"](SECRET, message(at=timezone.now() - timedelta(minutes=6))[1], body)


def test_the_example_with_a_library_reads_it():
    body, headers = message()
    known = {"secret": SECRET, "body": body, "headers": headers}

    exec(WITH_A_LIBRARY, known)

    assert known["message"]["type"] == "order.placed"


def test_the_signature_is_the_one_of_the_standard():
    """The example of the specification."""
    body = b'{"test": 2432232314}'

    signed = signing.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, SECRET)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_page_names_the_pauses_there_are():
    said = re.search(r"again after (.*?); then", PAGE)[1]
    units = {"s": 1, "min": 60, "h": 3600}
    pauses = []
    for part in reversed(said.split(", ")):
        number, _space, unit = part.partition(" ")
        pauses.insert(0, (int(number), unit or pauses[0][1]))

    assert [timedelta(seconds=number * units[unit]) for number, unit in pauses] == SCHEDULE


@pytest.mark.parametrize("words", ["At most six"])
def test_the_page_names_the_lines_there_are(words):
    assert words in PAGE
    assert LINES_EACH == 6
