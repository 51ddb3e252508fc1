"""The texts of the product in its languages: `update` the catalogues from the code, `check` that none is missing.

Babel reads Python; templates go through Django's own translation of a template into calls first.
"""

import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from doors.paths import ROOT
from doors.refusal import Refusal

LANGUAGES = ("ru", "uk", "pl")
ROOMS = ("config", "shop", "crm", "analytics", "loyalty", "feedback")
KEYWORDS = {
    name: spec
    for names, spec in (
        (("_", "gettext", "gettext_lazy", "gettext_noop"), None),
        (("ngettext", "ngettext_lazy"), (1, 2)),
        (("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
        (("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
    )
    for name in names
}
NOISE = re.compile(r'"(POT-|PO-|Report-Msgid|Last-Translator|Language-Team|Generated-By|Project-Id)|# ')
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sd]|\{\w*\}|<[^>]+>")


def template() -> Catalog:
    """Every text of the code, untranslated."""
    catalog = Catalog(project="Regulars", charset="utf-8")
    for path, method, text in _sources():
        for _line, message, _comments, context in extract(method, BytesIO(text.encode()), KEYWORDS):
            catalog.add(message, locations=[(path, 1)], context=context)
    return catalog


def _sources() -> Iterator[tuple[str, str, str]]:
    from django.utils.translation.template import templatize

    for room in ROOMS:
        for path in sorted((ROOT / room).glob("**/*.py")):
            name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
            yield name, "python", text
            yield name, "python", _inside_f_strings(text)
    for path in sorted((ROOT / "templates").glob("**/*.html")) + sorted((ROOT / "templates").glob("**/*.txt")):
        name = str(path.relative_to(ROOT))
        # What is left of a template is no Python, but calls between rows of X: the JavaScript reader is lenient.
        yield name, "javascript", templatize(path.read_text(encoding="utf-8"), origin=name)


def _inside_f_strings(text: str) -> str:
    """The calls within f-strings, one a line: before Python 3.12 Babel does not see them."""
    strings = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.JoinedStr))
    return "\n".join(ast.unparse(node) for string in strings for node in ast.walk(string) if isinstance(node, ast.Call))


def catalogue_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, project="Regulars", charset="utf-8", fuzzy=False)
    return read_po(StringIO(path.read_text(encoding="utf-8")), locale=language)


def update() -> None:
    """Add what is new, drop what is gone; what is translated stays as it is."""
    texts = template()
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(texts, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
        _drop_empty_headers(path)


def _drop_empty_headers(path: Path) -> None:
    """Dates would make every update a change; names of translators are in the history."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not NOISE.match(line)), encoding="utf-8")


def problems() -> list[str]:
    """What `check` refuses: missing, half translated, fuzzy, or with other placeholders than the original."""
    texts = [message for message in template() if message.id]
    found = []
    for language in LANGUAGES:
        catalog = read(language)
        for text in texts:
            translated = catalog.get(text.id, text.context)
            reason = _wrong(text, translated, catalog.num_plurals)
            if reason:
                found.append(f"{language}: {reason}: {_first(text)!r} ({', '.join(p for p, _ in text.locations[:2])})")
    return found


def _wrong(text: Message, translated: Message | None, plurals: int) -> str:
    if translated is None:
        return "missing"
    if translated.fuzzy:
        return "fuzzy"
    forms = translated.string if isinstance(translated.string, list | tuple) else (translated.string,)
    if not all(forms) or (text.pluralizable and len(forms) != plurals):
        return "not translated"
    originals = text.id if isinstance(text.id, list | tuple) else (text.id,)
    allowed = set(PLACEHOLDER.findall(" ".join(originals)))
    if any(set(PLACEHOLDER.findall(str(form))) - allowed for form in forms):
        return "other placeholders"
    if not text.pluralizable and set(PLACEHOLDER.findall(str(forms[0]))) != allowed:
        return "other placeholders"
    return ""


def _first(text: Message) -> str:
    return str(text.id[0] if text.pluralizable else text.id)


def check() -> None:
    found = problems()
    for line in found[:40]:
        print(line)
    if found:
        raise Refusal(
            f"{len(found)} texts lack a translation; run python -m doors.translations update and fill them in."
        )


if __name__ == "__main__":
    from doors.messages import compile_changed

    commands = {"update": update, "check": check, "compile": compile_changed}
    try:
        commands[sys.argv[1]]()
    except Refusal as refusal:
        sys.exit(str(refusal))
