"""`bin/bench load`: what it tells of a running shop."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import load


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer(200)

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((order["reference"], self.headers["Authorization"]))
        self._answer(503 if len(self.server.told) == 1 else 201)

    def _answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_said):
        pass


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.delenv("API_KEY", raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads, server.told = True, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def run(shop, *options):
    return load.main([f"http://127.0.0.1:{shop.server_port}", "--clients=2", "--seconds=0.5", *options])


def test_a_page_is_asked_for_and_nothing_is_told(shop, capsys):
    assert run(shop, "--path=/livez") == 0

    said = capsys.readouterr().out
    assert "answers: 200 × " in said
    assert all(name in said for name in ("p50", "p95", "p99", "a second answered with success"))
    assert shop.told == []


def test_orders_are_told_once_each_and_a_refusal_is_counted(shop, tmp_path, capsys):
    secret = tmp_path / "key"
    secret.write_text("ab12.secret\n")

    assert run(shop, f"--key-file={secret}") == 1

    said = capsys.readouterr().out
    references = [reference for reference, _key in shop.told]
    assert len(references) == len(set(references)) > 1
    assert {key for _reference, key in shop.told} == {"Bearer ab12.secret"}
    assert "503 × 1" in said
    assert f"201 × {len(references) - 1:,}" in said
    assert "secret" not in said


def test_a_shop_that_is_away_is_an_error_and_no_crash(capsys):
    assert load.main(["http://127.0.0.1:1", "--clients=1", "--seconds=0.1"]) == 1
    assert "ConnectionRefusedError" in capsys.readouterr().out


def test_shares_are_those_of_what_was_measured():
    times = [n / 100 for n in range(1, 101)]

    assert [load.part(times, percent) for percent in (50, 95, 99)] == [0.5, 0.95, 0.99]
    assert load.part([0.3], 99) == 0.3
