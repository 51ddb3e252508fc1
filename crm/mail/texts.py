"""Which words a mail is written in: the newest version of the shop's own, else those the product came with."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from crm.models import MailText

SHIPPED = Path(settings.BASE_DIR) / "templates" / "mail" / "texts"
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@dataclass(frozen=True)
class Text:
    """Version 0 came with the product."""

    template: str
    language: str
    version: int
    subject: str
    body: str


class NoText(Exception):
    """Neither the shop nor the product has words for this mail."""


@cache
def shipped(template: str, language: str) -> Text | None:
    """The first line is the subject; the rest is the body."""
    path = SHIPPED / f"{template}.{language}.txt"
    if language not in LANGUAGES or not path.is_file():
        return None
    subject, _newline, body = path.read_text(encoding="utf-8").partition("\n")
    return Text(template, language, 0, subject.strip(), body.strip() + "\n")


def own(template: str, language: str) -> Text | None:
    row = MailText.objects.filter(template=template, language=language).order_by("-version").first()
    return Text(template, language, row.version, row.subject, row.body) if row else None


def in_force(template: str, language: str) -> Text | None:
    return own(template, language) or shipped(template, language)


def text_for(template: str, *languages: str) -> Text:
    """In the first of these languages that has words, else in any."""
    for language in dict.fromkeys([*languages, *LANGUAGES]):
        if found := in_force(template, language):
            return found
    raise NoText(template)


def versions() -> dict[tuple[str, str], int]:
    """(template, language) -> version in force, of everything that has words; 0 came with the product."""
    found = {(path.stem.partition(".")[0], path.stem.partition(".")[2]): 0 for path in SHIPPED.glob("*.*.txt")}
    rows = MailText.objects.order_by("template", "language", "-version").distinct("template", "language")
    return found | {(t, lang): v for t, lang, v in rows.values_list("template", "language", "version")}
