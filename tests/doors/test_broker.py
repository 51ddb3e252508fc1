"""What bin/dev says of a REDIS_URL that is no use."""

import pytest

from doors import broker
from doors.refusal import Refusal
from tests.doors.checkout import quiet_port


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("127.0.0.1:6379", "must begin with redis://"),
        ("http://127.0.0.1:6379/0", "must begin with redis://"),
        ("redis://:hush/hush@127.0.0.1:6379/0", "not readable"),
        ("redis://:hush@127.0.0.1:port/0", "not readable"),
    ],
)
def test_one_that_is_none_is_refused_without_its_password(url, sentence):
    with pytest.raises(Refusal) as refused:
        broker.look_at(url)

    assert sentence in str(refused.value)
    assert "hush" not in str(refused.value)


def test_one_that_does_not_answer_is_said_and_the_site_opens_all_the_same(capsys):
    broker.look_at(f"redis://:hush@127.0.0.1:{quiet_port()}/0")

    said = "".join(capsys.readouterr())
    assert "The Redis of REDIS_URL cannot be used" in said
    assert "pages open" in said
    assert "hush" not in said


def test_one_that_answers_needs_no_word(settings, capsys):
    broker.look_at(settings.REDIS_URL)

    assert "".join(capsys.readouterr()) == ""
