import os
import signal
import socket
from contextlib import suppress

import psutil
import pytest

from tests.doors.checkout import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("doors")]


def test_the_site_answers_where_it_says(site):
    assert site.answers()
    assert f"Regulars is open at {site.checkout.address}" in "".join(site.said)


def test_a_second_start_says_where_the_first_one_runs(site):
    second = site.checkout.run("dev")

    assert second.returncode == 1
    assert second.stderr == (
        f"Regulars is already running in this checkout at {site.checkout.address} (process {site.process.pid}).\n"
    )


def test_a_command_uses_the_servers_of_the_running_site(site):
    command = site.checkout.run("manage", "shell", "--no-imports", "-c", "import os; print(os.environ['DATABASE_URL'])")

    assert "regulars_demo" in command.stdout
    assert command.stderr == ""


def test_the_site_changes_to_the_shop_that_var_shop_names(site):
    assert _served(site) == {"demo"}

    (site.checkout.var / "shop").write_text("own")

    assert eventually(lambda: _served(site) == {"own"})
    assert eventually(site.answers)


def test_a_killed_web_is_started_again(site):
    (web,) = _masters(site, "gunicorn")

    os.kill(web.pid, signal.SIGKILL)

    assert eventually(lambda: [found for found in _masters(site, "gunicorn") if found.pid != web.pid])
    assert eventually(site.answers)


def test_ctrl_c_leaves_no_process(site):
    assert site.stop(signal.SIGINT) == 0

    assert site.checkout.is_empty()


def test_a_busy_port_is_named_with_the_way_to_choose_another(checkout):
    with socket.create_server(("127.0.0.1", checkout.port)):
        refused = checkout.run("dev")

    assert refused.returncode == 1
    assert refused.stderr == (
        f"Port {checkout.port} on 127.0.0.1 cannot be used (address already in use): "
        f"choose another with bin/dev --port {checkout.port + 1}.\n"
    )


def test_killed_it_leaves_no_process_and_starts_again(checkout):
    first = checkout.start(REGULARS_DEMO="0").wait_until_open()
    assert len(checkout.processes()) > 8

    first.stop(signal.SIGKILL)
    assert checkout.is_empty()

    second = checkout.start(REGULARS_DEMO="0").wait_until_open()
    assert second.stop(signal.SIGTERM) == 0
    assert checkout.is_empty()


def test_an_ordinary_user_starts_it_too(reachable_checkout):
    site = reachable_checkout.start(*_as_ordinary_user(reachable_checkout), REGULARS_DEMO="0").wait_until_open()
    users = set()
    for process in reachable_checkout.processes():
        with suppress(psutil.NoSuchProcess):  # PostgreSQL's own come and go
            users.add(process.uids().effective)

    site.stop()

    assert users
    assert 0 not in users
    assert reachable_checkout.is_empty()


def _as_ordinary_user(checkout) -> list[str]:
    """As root, become nobody, who may still read a Python that lies in root's home."""
    if os.geteuid() != 0:
        return []
    for path in [checkout.path, *checkout.path.rglob("*")]:
        os.chown(path, 65534, 65534, follow_symlinks=False)
    reading = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *reading]


def _masters(site, program: str) -> list[psutil.Process]:
    """The children of the supervisor that run `program`; some may be ending just now."""
    found = []
    for process in site.checkout.processes():
        with suppress(psutil.NoSuchProcess):
            if process.ppid() == site.process.pid and program in " ".join(process.cmdline()):
                found.append(process)
    return found


def _served(site) -> set[str]:
    """The shops of the processes that make up the site."""
    served = set()
    for program in ("gunicorn", "relay", "worker", "beat"):
        for process in _masters(site, program):
            with suppress(psutil.NoSuchProcess):
                served.add(process.environ()["REGULARS_SHOP"])
    return served
