"""JSON as strict as it can be: what cannot be stored or has two meanings is refused here, in a sentence."""

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

LARGEST = 1024 * 1024
DEEPEST = 8
LONGEST_NUMBER = 40
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class TooLarge(APIException):
    status_code = 413

    def __init__(self, largest: int) -> None:
        super().__init__(_("At most %d bytes.") % largest)


class StrictJSONParser(BaseParser):
    media_type = "application/json"
    largest = LARGEST

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        if stream.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
            raise UnsupportedMediaType(media_type or "", _("A compressed body is not read."))
        return read(stream.read(self.largest + 1), self.largest)


class LargeJSONParser(StrictJSONParser):
    """For many things at once."""

    largest = 8 * LARGEST


def read(body: bytes, largest: int = LARGEST) -> Any:
    """Raises ParseError or TooLarge, and nothing else."""
    if len(body) > largest:
        raise TooLarge(largest)
    try:
        found = json.loads(
            body.removeprefix(codecs.BOM_UTF8).decode("utf-8"),
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_no_twins,
        )
    except UnicodeDecodeError:
        raise ParseError(_("The body is not UTF-8.")) from None
    except RecursionError:
        raise ParseError(_("The body is nested too deeply.")) from None
    except json.JSONDecodeError as error:
        raise ParseError(
            _("The body is not JSON: line %(line)d, column %(column)d.") % {"line": error.lineno, "column": error.colno}
        ) from None
    for value in _every_value(found):
        if isinstance(value, str) and _UNFIT.search(value):
            raise ParseError(_("A text contains a character that cannot be stored."))
    return found


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ParseError(_("A number is too long."))
    return int(digits)


def _decimal(digits: str) -> Decimal:
    """Never a float: 0.1 stays 0.1."""
    number = Decimal(digits)
    if len(digits) > LONGEST_NUMBER or not -LONGEST_NUMBER < number.adjusted() < LONGEST_NUMBER:
        raise ParseError(_("A number is too long."))
    return number


def _no_constant(name: str) -> None:
    raise ParseError(_("%s is not a number of JSON.") % name)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ParseError(_("A name comes twice in one object."))
    return found


def _every_value(root: Any) -> Iterator[Any]:
    """Keys too; without recursion, for the depth is what must be checked."""
    waiting = [(root, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield value
        if isinstance(value, dict | list):
            if depth > DEEPEST:
                raise ParseError(_("The body is nested too deeply."))
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            waiting += [(one, depth + 1) for one in inner]
