"""A receiver on this machine, as another program would be one; what it got, and what it answers."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from crm.models import Delivery, Webhook
from shop.models import Setting


class Receiver:
    """`answers`: a function of the number of the message and how often it came; returns a status, or more with it."""

    def __init__(self, answers=lambda message, times: 200):
        self.answers, self.got, self.lock = answers, [], threading.Lock()

    def take(self, headers, body):
        message = headers["webhook-id"]
        with self.lock:
            self.got.append((dict(headers), body))
            times = sum(known["webhook-id"] == message for known, _body in self.got)
        said = self.answers(message, times)
        return said if isinstance(said, tuple) else (said, {})

    @property
    def messages(self):
        return [headers["webhook-id"] for headers, _body in self.got]

    @contextmanager
    def listening(self):
        """Yields its port."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = receiver.take({k.lower(): v for k, v in self.headers.items()}, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"heard")

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def never_answering():
    """Takes every call and says nothing. Yields its port."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def allow(*ports):
    Setting.put("outgoing.lan_hosts", "\n".join(f"127.0.0.1:{port}" for port in ports))


def webhook(port, *kinds, name="shop", **values):
    """(the webhook, its secret)"""
    return Webhook.make(name=name, url=f"http://127.0.0.1:{port}/in", kinds=list(kinds or ["*"]), **values)


def no_more_waiting():
    """As if all the pauses were over."""
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    Webhook.objects.update(rest_until=None)


def verified(receiver, secret):
    """Held against a verifier that others wrote."""
    return [Verifier(secret).verify(body, headers) for headers, body in receiver.got]
