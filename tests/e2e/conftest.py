"""A real browser on the pages of a live server."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

# Playwright keeps an event loop in this thread; Django takes that for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

INSTALLED = ("/usr/bin/chromium", "/usr/bin/google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next((path for path in INSTALLED if Path(path).exists()), None)

PATIENCE = 120_000  # of a busy machine
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's browser when there is one; otherwise the one playwright has installed."""
    found = {"executable_path": CHROMIUM} if CHROMIUM else {}
    return {**browser_type_launch_args, **found, "args": ["--no-sandbox"]}


@pytest.fixture
def new_context(new_context):
    """Every context of the plugin waits as long for a page as `expect` does for what is on it."""

    def patient(**options):
        context = new_context(**options)
        context.set_default_timeout(PATIENCE)
        return context

    return patient


def _failed(answer):
    """422 is a form that came back to be filled in better."""
    return answer.status >= 400 and answer.status != 422


@pytest.fixture
def staff_page(page, live_server):
    """Open an address as a member of staff; a script or policy error fails the test at its end."""
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("response", lambda answer: errors.append(f"{answer.status} {answer.url}") if _failed(answer) else None)
    page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)

    def open_as(user, path="/", **viewport):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        if viewport:
            page.set_viewport_size(viewport)
        page.goto(live_server.url + path)
        return page

    yield open_as
    assert errors == []
