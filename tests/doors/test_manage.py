import json

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("doors")]


def test_with_the_site_down_the_servers_run_for_the_length_of_the_command(checkout):
    tables = "from django.db import connection; print(len(connection.introspection.table_names()) > 10)"

    command = checkout.run("manage", "shell", "--no-imports", "-c", tables, REGULARS_DEMO="0")

    assert command.stdout == "True\n"
    assert checkout.is_empty()


def test_the_command_runs_in_the_folder_it_was_called_from(checkout, tmp_path):
    (tmp_path / "orders.csv").write_text("here")
    read = "print(open('orders.csv').read())"

    command = checkout.run("manage", "shell", "--no-imports", "-c", read, cwd=tmp_path, REGULARS_DEMO="0")

    assert command.stdout == "here\n"


def test_exit_codes_and_stale_locks_pass_through_without_harm(checkout):
    checkout.run("manage", "check", REGULARS_DEMO="0")
    stale = {"door": "bin/dev", "pid": 2**22 - 1, "state": "running", "address": "http://127.0.0.1:1/"}
    (checkout.var / "servers.lock").write_text(json.dumps(stale))
    (checkout.data / "postmaster.pid").write_text("1\n")

    command = checkout.run("manage", "shell", "--no-imports", "-c", "raise SystemExit(7)", REGULARS_DEMO="0")

    assert command.returncode == 7


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgres://ana:hush-hush@127.0.0.1:1/shop", "cannot be used"),
        ("postgres://ana:hush/hush@127.0.0.1:5432/shop", "not readable"),
        ("postgres://ana:hush%%hush@127.0.0.1/shop", "not readable"),
        ("mysql://ana:hush-hush@127.0.0.1/shop", "must begin with postgres://"),
    ],
)
def test_a_wrong_database_url_is_said_without_its_password(checkout, url, sentence):
    refused = checkout.run("dev", DATABASE_URL=url)

    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert "hush" not in refused.stderr
    assert "Traceback" not in refused.stderr
    assert checkout.is_empty()


def test_data_of_another_postgresql_are_left_alone(checkout):
    checkout.run("manage", "check", REGULARS_DEMO="0")
    version = checkout.data / "PG_VERSION"
    ours = version.read_text()

    version.write_text("14\n")
    refused = checkout.run("manage", "check", REGULARS_DEMO="0")
    version.write_text(ours)

    assert refused.returncode == 1
    assert "were written by PostgreSQL 14 and this is PostgreSQL 18" in refused.stderr
