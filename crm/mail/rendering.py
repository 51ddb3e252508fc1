"""A mail as it leaves: subject, text and HTML in the customer's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from crm.mail import links
from crm.mail.kinds import Mail, mail_named, minted
from crm.mail.markup import as_html, as_line, as_text
from crm.mail.texts import Text, text_for
from crm.models import CustomField
from crm.models.pause import shop_zone
from shop import formats
from shop.models import Setting

STYLES = Path(settings.BASE_DIR) / "templates" / "mail" / "mail.css"
GONE = "…"


@dataclass(frozen=True)
class Rendered:
    """`unsubscribe`: the address of the List-Unsubscribe header, or nothing."""

    text_used: Text
    subject: str
    text: str
    html: str
    unsubscribe: str = ""
    secrets: tuple[str, ...] = ()

    def without_secrets(self) -> dict[str, str]:
        """What is kept: no link in it works, so that whoever reads it cannot act as the customer."""
        return {
            "subject": self.subject,
            "text": _blank(self.text, self.secrets),
            "html": _blank(self.html, self.secrets),
        }


def _blank(body: str, secrets: tuple[str, ...]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        head, _slash, _token = secret.rstrip("/").rpartition("/")
        body = body.replace(secret.replace("&", "&amp;"), f"{head}/{GONE}").replace(secret, f"{head}/{GONE}")
    return body


def of_customer(customer: Any, language: str) -> dict[str, str]:
    """What the placeholders of every mail stand for; dates and numbers as that language writes them."""
    values = {"shop": Setting.get("shop.name"), "shop_address": Setting.get("shop.address")}
    if customer is not None:
        with translation.override(language):
            own = CustomField.said(customer)
        values |= {"first_name": customer.given_name, "name": customer.name}
        values |= {f"custom.{key}": words for key, words in own.items()}
    return values


def render(message: Any) -> Rendered:
    """For sending: mints this attempt's own links."""
    mail = mail_named(message.template)
    text = text_for(message.template, message.language, Setting.get("mail.language"), "en")
    with translation.override(text.language), timezone.override(shop_zone()):
        fresh = minted(mail, message)
    values = {
        **of_customer(message.customer, text.language),
        **{k: str(v) for k, v in message.context.items()},
        **fresh,
    }
    unsubscribe = "" if message.is_service else links.unsubscribe(message)
    secrets = (*[value for value in fresh.values() if value.startswith("http")], *filter(None, [unsubscribe]))
    return put_together(text, values, unsubscribe, secrets)


def preview(mail: Mail, text: Text, customer: Any = None, **known: str | date) -> Rendered:
    """With a real customer, but with nothing minted: samples stand for links and for what is not known."""
    samples = {**mail.samples, **known}
    with translation.override(text.language):
        told = {name: formats.day(one) if isinstance(one, date) else str(one) for name, one in samples.items()}
    values = {**of_customer(customer, text.language), **told}
    service = mail.purpose in ("service", "staff")
    return put_together(text, values, "" if service else f"{settings.SITE_URL.rstrip('/')}/{GONE}")


def put_together(
    text: Text, values: Mapping[str, str], unsubscribe: str = "", secrets: tuple[str, ...] = ()
) -> Rendered:
    subject = as_line(text.subject, values)
    frame = {
        "language": text.language,
        "subject": subject,
        "body": mark_safe(as_html(text.body, values)),  # noqa: S308  (cleaned there)
        "text": as_text(text.body, values),
        "shop": values["shop"],
        "address": values["shop_address"],
        "unsubscribe": unsubscribe,
    }
    with translation.override(text.language):
        html = render_to_string("mail/frame.html", frame | {"styles": mark_safe(styles())})  # noqa: S308  (our file)
        plain = render_to_string("mail/frame.txt", frame)
    return Rendered(
        text, subject, re.sub(r"\n{3,}", "\n\n", plain).strip() + "\n", _inlined(html), unsubscribe, secrets
    )


@cache
def styles() -> str:
    return STYLES.read_text(encoding="utf-8")


@cache
def _inliner() -> css_inline.CSSInliner:
    # What adapts to a dark screen stays in the head; mail programs that know only style="…" get the light colours.
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _inlined(html: str) -> str:
    return _inliner().inline(html)
