"""Somebody at a browser: cookies, the sign-in form, nothing else."""

import re
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import NamedTuple
from urllib.parse import urlencode


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    def __init__(self, host: str, port: int) -> None:
        self.site = f"http://{host}:{port}"
        self.wire = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, **form: str) -> Answer:
        data = urlencode(form).encode() if form else None
        try:
            answer = self.wire.open(urllib.request.Request(self.site + path, data), timeout=300)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return Answer(answer.status, dict(answer.headers), answer.read().decode())

    def sign_in(self, email: str, password: str) -> None:
        form = self.open("/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token, form
        answer = self.open("/login/", email=email, password=password, csrfmiddlewaretoken=token[1])
        assert answer.status == 200, answer.text
        assert "/logout/" in answer.text
