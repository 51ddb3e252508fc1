import os
import signal
import socket
import urllib.request

import psutil
import pytest

from tests.doors.checkout import eventually


def test_the_site_answers_where_it_says(site):
    with urllib.request.urlopen(f"{site.checkout.address}readyz", timeout=5) as answer:
        status = answer.status

    assert status == 200
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
    assert eventually(lambda: urllib.request.urlopen(f"{site.checkout.address}readyz", timeout=5).status == 200)


def test_a_killed_web_is_started_again(site):
    (web,) = _masters(site, "gunicorn")

    os.kill(web.pid, signal.SIGKILL)

    assert eventually(lambda: [found for found in _masters(site, "gunicorn") if found.pid != web.pid])
    assert eventually(lambda: urllib.request.urlopen(f"{site.checkout.address}readyz", timeout=5).status == 200)


def test_a_busy_port_is_named_with_the_way_to_choose_another(checkout):
    with socket.create_server(("127.0.0.1", checkout.port)):
        refused = checkout.run("dev")

    assert refused.returncode == 1
    assert refused.stderr == (
        f"Port {checkout.port} on 127.0.0.1 cannot be used (address already in use): "
        f"choose another with bin/dev --port {checkout.port + 1}.\n"
    )


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_leaves_no_process(checkout, sign):
    site = checkout.start(REGULARS_DEMO="0").wait_until_open()

    status = site.stop(sign)

    assert status == 0
    assert checkout.processes() == []


def test_killed_it_leaves_no_process_and_starts_again(checkout):
    site = checkout.start(REGULARS_DEMO="0").wait_until_open()
    assert len(checkout.processes()) > 8

    site.stop(signal.SIGKILL)

    assert eventually(lambda: checkout.processes() == [])
    assert checkout.start(REGULARS_DEMO="0").wait_until_open().stop() == 0


def test_its_guard_killed_with_it_leaves_no_server(checkout):
    site = checkout.start(REGULARS_DEMO="0").wait_until_open()
    (guard,) = [process for process in checkout.processes() if "guard.py" in " ".join(process.cmdline())]

    guard.kill()
    site.stop(signal.SIGKILL)

    assert eventually(lambda: checkout.processes() == [])


def test_an_ordinary_user_starts_it_too(reachable_checkout):
    site = reachable_checkout.start(*_as_ordinary_user(reachable_checkout), REGULARS_DEMO="0").wait_until_open()
    users = {process.uids().effective for process in reachable_checkout.processes()}

    site.stop()

    assert 0 not in users
    assert reachable_checkout.processes() == []


def _as_ordinary_user(checkout) -> list[str]:
    """As root, become nobody, who may still read a Python that lies in root's home."""
    if os.geteuid() != 0:
        return []
    for path in [checkout.path, *checkout.path.rglob("*")]:
        os.chown(path, 65534, 65534, follow_symlinks=False)
    reading = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *reading]


def _masters(site, program: str) -> list[psutil.Process]:
    running = [process for process in site.checkout.processes() if process.ppid() == site.process.pid]
    return [process for process in running if program in " ".join(process.cmdline())]


def _served(site) -> set[str]:
    """The shops of the processes that make up the site."""
    programs = [process for program in ("gunicorn", "relay", "worker", "beat") for process in _masters(site, program)]
    return {process.environ()["REGULARS_SHOP"] for process in programs}
