"""A survey on another website: one script tag, a frame that only the sites of the setting may show."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from feedback.models import Response
from shop.models import Setting
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def website(live_server, settings, monkeypatch):
    """Somebody else's site with our tag on its one page; of this machine, else browsers keep it from what runs here."""
    monkeypatch.setattr("feedback.answering.guard.LEAST", -1)
    settings.SITE_URL = live_server.url
    build.survey("nps", open_code="counter")
    tag = f'<!doctype html><title>Tea</title><p>Tea</p><script src="{live_server.url}/s/counter/widget.js"></script>'

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(tag.encode())

        def log_message(self, *_about):
            """Nothing to tell."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_one_tag_shows_the_form_as_high_as_it_is_and_takes_the_answer(website, page):
    Setting.put("feedback.widget_sites", website)
    page.goto(website)
    form = page.frame_locator("iframe")

    form.locator("input[value='9']").check(force=True)
    form.get_by_role("button", name="Send").click()

    expect(form.get_by_role("heading", name="Thank you")).to_be_visible()
    assert (Response.objects.get().channel, Response.objects.get().score) == ("widget", 9)
    page.wait_for_function("document.querySelector('iframe').offsetHeight < 560")  # it has told its height


def test_no_other_site_can_show_it(website, page):
    Setting.put("feedback.widget_sites", "https://coffee.example")

    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        page.goto(website)
