"""Mails that did not leave the machine, with links that work.

Links for staff are among them, so only administrators read them.
"""

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import urlize
from django.views.decorators.http import require_GET

from crm.models import KeptMail
from crm.views.mail.frames import around, inside
from shop.access import right
from shop.typed import number_in

SIZE = 50


@require_GET
@right("settings.edit")
def kept(request: HttpRequest) -> HttpResponse:
    rows = KeptMail.objects.defer("raw").order_by("-pk")
    if (before := number_in(request.GET.get("before", ""))) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SIZE + 1])
    context = {
        "mails": found[:SIZE],
        "older": found[SIZE - 1].pk if len(found) > SIZE else "",
        "leaves": settings.MAIL_LEAVES,
    }
    return render(request, "crm/mail/kept.html", context)


@require_GET
@right("settings.edit")
def kept_one(request: HttpRequest, kept_id: int) -> HttpResponse:
    found = get_object_or_404(KeptMail, pk=kept_id)
    mail = _read(found)
    context = {
        "mail": found,
        "headers": [(name, str(value)) for name, value in mail.items() if not name.lower().startswith("content-")],
        "text": _part(mail, "plain"),
        "has_html": bool(_part(mail, "html")),
    }
    return around(render(request, "crm/mail/kept_one.html", context))


@require_GET
@right("settings.edit")
def kept_body(request: HttpRequest, kept_id: int) -> HttpResponse:
    mail = _read(get_object_or_404(KeptMail, pk=kept_id))
    return inside(_part(mail, "html") or _page_of(_part(mail, "plain")))


def _read(found: KeptMail) -> EmailMessage:
    parsed: Any = email.message_from_bytes(bytes(found.raw), policy=email.policy.default)
    return parsed


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return part.get_content() if part else ""


def _page_of(text: str) -> str:
    """Plain text as a page whose links can be clicked."""
    words = urlize(text, autoescape=True)
    head = '<head><meta name="color-scheme" content="light dark"><title>-</title></head>'
    paper = (
        "margin: 0; padding: 16px 20px; background: light-dark(#fffefc, #1d1a17); color: light-dark(#2a2521, #ece8e1)"
    )
    plain = "margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/22px system-ui, sans-serif"
    links = "<style>a { color: light-dark(#075e70, #74bccd) }</style>"
    return f'<!doctype html><html>{head}{links}<body style="{paper}"><pre style="{plain}">{words}</pre></body></html>'
