"""When bin/dev loads the demo shop, and how it goes on after a loading that was interrupted."""

import pytest

from doors import database, demo
from doors.servers import Servers


@pytest.fixture
def started(tmp_path, monkeypatch):
    """The words of each load_demo that is started; `ends` says how it ends, `orders` whether there are any."""

    class Started:
        words: list[list[str]] = []
        ends = 0
        orders = False

    started = Started()

    def run(program, guard):
        started.words.append([str(word) for word in program.argv[2:]])
        program.output.write_text("ada  word-word-word")
        if isinstance(started.ends, BaseException):
            raise started.ends
        return started.ends

    monkeypatch.setenv("DATABASE_URL", "postgres://ana@db.example/shop")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example")
    monkeypatch.setenv("REGULARS_DEMO", "1")
    monkeypatch.setattr(demo, "DEMO_LOGINS", tmp_path / "demo-logins.txt")
    monkeypatch.setattr(demo, "environment", lambda servers, shop: {})
    monkeypatch.setattr(demo, "run", run)
    monkeypatch.setattr(database, "has_orders", lambda url: started.orders)
    started.words = []
    return started


def start():
    demo.load_on_first_run(Servers(None, None), guard=None)


def test_it_is_loaded_once_and_its_logins_are_kept(started):
    start()
    started.orders = True
    start()

    assert started.words == [["load_demo"]]
    assert demo.logins() == "ada  word-word-word"


def test_orders_that_are_no_demo_of_ours_are_left_alone(started):
    started.orders = True

    start()

    assert started.words == []


def test_interrupted_after_its_orders_came_in_it_is_finished_by_the_next_start(started):
    started.ends = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        start()
    assert demo.logins() == ""

    started.orders, started.ends = True, 0
    start()
    start()

    assert started.words == [["load_demo"], ["load_demo", "--finish"]]
    assert demo.logins() == "ada  word-word-word"


def test_what_failed_says_why_and_is_tried_again(started, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "LOGS", tmp_path)
    (tmp_path / "load_demo.log").write_text("CommandError: The disk is nearly full.\n")
    started.ends = 1

    start()
    start()

    assert started.words == [["load_demo"], ["load_demo"]]
    said = capsys.readouterr()
    assert "could not be loaded" in said.out + said.err
    assert "CommandError: The disk is nearly full." in said.out + said.err
