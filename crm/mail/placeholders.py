"""{first_name}: a tiny syntax with names from a list, so that what staff type can never run or reach anything."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from crm.mail.kinds import ALWAYS, Mail
from crm.models import CustomField

BRACED = re.compile(r"\{([^{}\n]*)\}")
NAME = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_-]+)?)\}")


def allowed(mail: Mail) -> dict[str, Any]:
    """Every name this mail may use -> what it stands for."""
    always = {} if mail.purpose == "staff" else ALWAYS
    return {**always, **mail.placeholders, **dict(CustomField.placeholders())}


def complaints(text: str, names: Iterable[str]) -> list[str]:
    """What is wrong with the placeholders of a text, as sentences."""
    known = set(names)
    wrong = dict.fromkeys(name for name in BRACED.findall(text) if name not in known)
    return [_sentence(name, sorted(known)) for name in wrong]


def _sentence(name: str, known: list[str]) -> str:
    like = get_close_matches(name.strip().lower(), known, n=1)
    if like:
        return _("There is no placeholder {%(wrong)s}; did you mean {%(like)s}?") % {"wrong": name, "like": like[0]}
    return _("There is no placeholder {%(wrong)s}; those of this mail are listed beside the text.") % {"wrong": name}


def without_the_empty(text: str, values: Mapping[str, str]) -> str:
    """An unknown name leaves no gap: "Hello {first_name}," becomes "Hello,", "{first_name}, your" becomes "your"."""
    for name in dict.fromkeys(NAME.findall(text)):
        if not values.get(name):
            text = re.sub(rf"^\{{{re.escape(name)}\}}, ", "", text, flags=re.MULTILINE)
            text = re.sub(rf",?[ \t]?\{{{re.escape(name)}\}}", "", text)
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    return NAME.sub(lambda found: value_at(found, values), text)


def value_at(found: re.Match[str], values: Mapping[str, str]) -> str:
    """A value that ends in a full stop, like "24 нояб. 2026 г.", brings none to a sentence that has its own."""
    value = values.get(found[1], "")
    return value[:-1] if value.endswith(".") and found.string.startswith(".", found.end()) else value
