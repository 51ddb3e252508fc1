"""The few marks a mail's text knows: **bold**, [words](address), lists; an address alone on its line is a button.

What placeholders stand for is put in last and escaped, so that a customer's name is never read as marks.
"""

import re
from collections.abc import Mapping, Sequence

import nh3
from django.utils.html import escape

from crm.mail.placeholders import NAME, fill, value_at, without_the_empty

LINK = re.compile(r"\[([^\[\]\n]+)\]\((\{[a-z][a-z0-9_.]*\}|https?://[^\s()<>\"]+)\)")
BARE = re.compile(r"(?<![\"'=(>])(https?://[^\s<>\"{}]+[^\s<>\"{}.,;:!?)])")
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
ALONE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
TAGS = {"p", "br", "strong", "a", "ul", "li"}
ATTRIBUTES = {"a": {"href", "class"}, "p": {"class"}}


class Choices(str):
    """What a placeholder alone on its line may stand for: a row of links, as text one under the other."""

    links: Sequence[tuple[str, str]]
    ends: tuple[str, str]

    def __new__(cls, links: Sequence[tuple[str, str]], ends: tuple[str, str] = ("", "")) -> "Choices":
        lines = [f"{label}: {address}" for label, address in links]
        said = " … ".join(end for end in ends if end)
        made = super().__new__(cls, "\n".join([*([said] if said else []), *lines]) if lines else "")
        made.links, made.ends = tuple(links), ends
        return made

    @property
    def html(self) -> str:
        row = " ".join(f'<a class="score" href="{escape(to)}">{_plain(label)}</a>' for label, to in self.links)
        ends = " → ".join(_plain(end) for end in self.ends if end)
        return f'<p class="scores">{row}</p>' + (f'<p class="ends">{ends}</p>' if ends else "")


def as_html(body: str, values: Mapping[str, str]) -> str:
    """Clean HTML of a text, whatever was typed into it and whatever the placeholders stand for."""
    body = without_the_empty(body.replace("\r\n", "\n"), values)
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", body.strip())]
    written = "\n".join(_block(block, values) for block in blocks if block.strip())
    filled = NAME.sub(lambda found: _value(value_at(found, values)), written)
    return nh3.clean(filled, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None)


def as_text(body: str, values: Mapping[str, str]) -> str:
    """The same for those who read plain text: links are written out."""
    body = without_the_empty(body.replace("\r\n", "\n"), values)
    body = LINK.sub(lambda found: f"{found[1]}: {found[2]}", BOLD.sub(r"\1", body))
    return fill(body, values).strip() + "\n"


def as_line(subject: str, values: Mapping[str, str]) -> str:
    """A subject: one line without control characters, whatever a name holds."""
    line = fill(without_the_empty(subject, values), values)
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())[:200]


def _block(block: str, values: Mapping[str, str]) -> str:
    alone = ALONE.fullmatch(block.strip())
    if alone and isinstance(row := values.get(alone[1]), Choices):
        return row.html
    lines = [line.rstrip() for line in block.split("\n")]
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{_inline(line[2:])}</li>" for line in lines) + "</ul>"
    if button := LINK.fullmatch(block.strip()):
        return f'<p class="act"><a class="button" href="{escape(button[2])}">{_inline(button[1])}</a></p>'
    return "<p>" + "<br>".join(_inline(line) for line in lines) + "</p>"


def _inline(line: str) -> str:
    written: str = escape(line)
    # LINK looks at marks, which escaping leaves alone; & in an address is written &amp;, as HTML wants it.
    written = LINK.sub(lambda found: f'<a href="{found[2]}">{found[1]}</a>', written)
    written = BARE.sub(lambda found: f'<a href="{found[1]}">{found[1]}</a>', written)
    return BOLD.sub(r"<strong>\1</strong>", written)


def _plain(words: str) -> str:
    """Nothing in it is a mark or a placeholder."""
    return str(escape(words)).replace("{", "&#123;")


def _value(value: str) -> str:
    return escape(value).replace("\n", "<br>")
