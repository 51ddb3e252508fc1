"""Where a request to an address that somebody typed may go, and how long it may take."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shop.outgoing.client import post
from shop.outgoing.guard import Refused, checked_addresses, is_of_a_lan, is_public, target

INSIDE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1", "169.254.169.254",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "2002:7f00:1::", "2002:a00:1::", "2002:a9fe:a9fe::", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1", "2001::1", "2001:db8::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::"]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_rest_of_the_world_is(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"])
def test_not_even_an_administrator_opens_these(address):
    assert not is_of_a_lan(ipaddress.ip_address(address))


REFUSED = {
    "http://shop.example/": "scheme",
    "ftp://shop.example/": "scheme",
    "file:///etc/passwd": "scheme",
    "gopher://127.0.0.1:6379/_": "scheme",
    "//shop.example/": "scheme",
    "https:///hook": "malformed",
    "https://shop.example/a b": "malformed",
    "https://shop.example/\r\nX: y": "malformed",
    "https://shop.example\\@inside.example/": "malformed",
    "https://shop.example:99999/": "malformed",
    "https://[::1": "malformed",
    "https://shop.example/й": "malformed",
    "https://" + "a" * 600: "malformed",
    "https://user@shop.example/": "credentials",
    "https://user:secret@shop.example/": "credentials",
    "https://@shop.example/": "credentials",
    "https://2130706433/": "host",
    "https://0x7f000001/": "host",
    "https://0177.0.0.1/": "host",
    "https://127.1/": "host",
    "https://0x7f.1/": "host",
    "https://a..b/": "host",
    "https://-a.example/": "host",
    "https://shop%2eexample/": "host",
    "https://shop.example:22/": "port",
    "https://shop.example:25/": "port",
    "https://shop.example:0/": "port",
}


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_plain_is_refused(url):
    with pytest.raises(Refused) as refused:
        target(url, lan=[])

    assert refused.value.why == REFUSED[url]


def test_a_name_in_other_letters_is_the_name_in_the_letters_of_dns():
    assert target("https://bücher.example/x", lan=[]).host == "xn--bcher-kva.example"
    assert target("https://ＳＨＯＰ.example./x?y=1", lan=[]).host == "shop.example"
    with pytest.raises(Refused):
        target("https://кремль.рф:443@x.example/", lan=[])


def test_letters_that_look_like_an_address_inside_lead_nowhere():
    with pytest.raises(Refused):
        checked_addresses(target("https://①②⑦.⓪.⓪.①/", lan=[]), 1, lambda host, port: [host])


@pytest.mark.parametrize("answers", [["1.1.1.1", "10.0.0.1"], ["::1"], [], ["what"], ["fe80::1%eth0"]])
def test_one_bad_address_behind_a_name_spoils_them_all(answers):
    with pytest.raises(Refused):
        checked_addresses(target("https://shop.example/", lan=[]), 1, lambda host, port: answers)


def test_a_name_server_that_keeps_silent_is_not_waited_for():
    def silent(host, port):
        over.wait(30)
        return ["1.1.1.1"]

    over = threading.Event()
    answer = post("https://shop.example/", b"{}", {}, within=0.2, asked=silent, lan=frozenset())
    over.set()

    assert answer.trouble == "timeout"


def test_a_machine_of_the_own_network_is_reached_only_under_the_name_an_administrator_gave():
    assert target("http://till.lan:8080/", lan=["till.lan:8080"]).in_lan
    assert target("http://till.lan/", lan=["till.lan"]).in_lan
    for other in ("http://till.lan:8081/", "http://other.lan:8080/", "http://10.0.0.5/"):
        with pytest.raises(Refused):
            target(other, lan=["till.lan:8080"])


# ---- A receiver ----------------------------------------------------------------------------------


@contextmanager
def receiver(serve, context=None):
    """Listens on this machine; `serve` gets each connection. Yields (port, what was asked for)."""
    listening = socket.create_server(("127.0.0.1", 0))
    asked = []

    def accept():
        while True:
            try:
                wire, _peer = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(wire,), daemon=True).start()

    def answer(wire):
        try:
            with context.wrap_socket(wire, server_side=True) if context else wire as open_wire:
                asked.append(open_wire.recv(65536).decode())
                serve(open_wire)
        except OSError:
            pass

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1], asked
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def says(text):
    return lambda wire: wire.sendall(text.encode("latin-1"))


def sent(serve, **options):
    with receiver(serve) as (port, asked):
        lan = frozenset({f"hook.lan:{port}"})
        answer = post(
            f"http://hook.lan:{port}/in", b"{}", {"X-One": "1"}, lan=lan, asked=lambda *_: ["127.0.0.1"], **options
        )
        return answer, asked


def test_the_answer_comes_back_and_the_name_went_along():
    answer, (asked,) = sent(says("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok"))

    assert (answer.status, answer.text, answer.trouble, answer.is_good) == (202, "ok", "", True)
    assert asked.startswith("POST /in HTTP/1.1\r\nX-One: 1\r\nHost: hook.lan:")
    assert asked.endswith("\r\n\r\n{}")


def test_a_redirect_is_an_answer_and_not_a_way():
    answer, asked = sent(says("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"))

    assert (answer.status, answer.is_good, len(asked)) == (302, False, 1)


def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert sent(says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))[0].status == 200


@pytest.mark.parametrize("nonsense", ["SSH-2.0-OpenSSH_9\r\n", "", "HTTP/1.1 OK\r\n\r\n"])
def test_who_answers_nonsense_has_not_answered(nonsense):
    answer = sent(says(nonsense))[0]

    assert answer.status == 0
    assert answer.trouble in {"malformed", "connection"}


def test_of_a_long_answer_only_the_beginning_is_read():
    def endless(wire):
        wire.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            wire.sendall(b"x" * 65536)

    answer = sent(endless)[0]

    assert answer.status == 200
    assert len(answer.text) == 64 * 1024


def test_endless_headers_are_cut_off():
    def endless(wire):
        wire.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            wire.sendall(b"X-Long: " + b"x" * 60000 + b"\r\n")

    assert sent(endless)[0].status == 0


def test_the_time_is_for_the_whole_answer_however_slowly_it_drips():
    def drip(wire):
        while True:
            wire.sendall(b"H")
            time.sleep(0.02)

    began = time.monotonic()
    answer = sent(drip, within=0.3)[0]

    assert answer.trouble == "timeout"
    assert time.monotonic() - began < 120  # dripping on, the answer would take a quarter of an hour


def test_who_takes_the_call_and_says_nothing_is_left_alone_in_time():
    assert sent(lambda wire: wire.recv(1), within=0.2)[0].trouble == "timeout"


def test_nobody_there_is_said_so():
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()

    answer = post(f"http://127.0.0.1:{port}/", b"", {}, lan=frozenset({"127.0.0.1"}) | {f"127.0.0.1:{port}"})

    assert answer.trouble == "connection"


def test_a_name_that_answers_otherwise_a_moment_later_is_asked_only_once():
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    with receiver(says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as (port, _asked):
        post(f"http://hook.lan:{port}/", b"", {}, lan=frozenset({f"hook.lan:{port}"}), asked=rebinding)
        answer = post(f"https://public.example:{port}/", b"", {}, lan=frozenset(), asked=rebinding)

    assert asked == ["hook.lan", "public.example"]
    assert answer.trouble == "refused_address"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(a context for hook.lan, one that trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook.lan")])
    now = datetime.datetime(2020, 1, 1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(datetime.datetime(2090, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.lan")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    return serving, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())


def test_a_certificate_is_held_against_the_name_and_not_the_address(certificate):
    serving, trusting = certificate
    good = says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    seen = []
    serving.sni_callback = lambda wire, name, context: seen.append(name)

    def to(name, trust):
        lan = frozenset({f"{name}:{port}"})
        return post(f"https://{name}:{port}/", b"", {}, lan=lan, asked=lambda *_: ["127.0.0.1"], trust=trust)

    with receiver(good, serving) as (port, _asked):
        answers = [to("hook.lan", trusting), to("other.lan", trusting), to("hook.lan", None)]

    assert [(a.status, a.trouble) for a in answers] == [(200, ""), (0, "tls"), (0, "tls")]
    assert seen == ["hook.lan", "other.lan", "hook.lan"]
