"""A survey inside another website: a frame of its own, which only the sites of the setting may show."""

import json
import re
import secrets

from django.http import HttpResponse
from django.urls import reverse

from feedback.models import Brand, Survey
from shop.middleware import CONTENT_SECURITY_POLICY
from shop.models import Setting

SITE = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE | re.ASCII)
CODE = re.compile(r"[\w-]{12}", re.ASCII)  # as new_code makes them
SCRIPT = """(() => {
  const frame = document.createElement("iframe");
  frame.src = %(address)s;
  frame.title = %(title)s;
  frame.style.cssText = "border:0;width:100%%;max-width:640px;height:560px";
  document.currentScript.after(frame);
  addEventListener("message", (event) => {
    const height = event.data && event.data.regulars;
    if (event.source === frame.contentWindow && Number.isFinite(height)) frame.style.height = `${Math.ceil(height)}px`;
  });
})();
"""


def sites() -> list[str]:
    """Anything that is no plain address of a site is left out: it would become part of a header."""
    given = Setting.get("feedback.widget_sites").split()
    return [site.rstrip("/") for site in given if SITE.fullmatch(site.rstrip("/"))]


def let_in(response: HttpResponse) -> HttpResponse:
    allowed = " ".join(sites()) or "'none'"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "frame-ancestors 'none'", f"frame-ancestors {allowed}"
    )
    response.xframe_options_exempt = True
    return response


def script(survey: Survey, site: str) -> str:
    address = site + reverse("feedback:framed_form", args=[survey.open_code])
    return SCRIPT % {"address": json.dumps(address), "title": json.dumps(Brand.now().shown_name)}


def new_code() -> str:
    return secrets.token_urlsafe(9)
