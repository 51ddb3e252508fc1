"""Phone numbers as the world writes them, +447700900142: many at once, quickly, and the odd ones with patience."""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

WORLDWIDE = re.compile(r"\+[1-9][\d ().-]{6,20}", re.ASCII)
AT_HOME = re.compile(r"\d[\d ().-]{4,18}", re.ASCII)
BETWEEN = str.maketrans("", "", " ().-")


class Plan(NamedTuple):
    """What of a country's numbers can be told without the library."""

    code: str
    lengths: frozenset[int]
    prefix: re.Pattern[str]  # that is left out after the code of the country
    abroad: re.Pattern[str]  # that begins a number of another country
    whole: re.Pattern[str]  # what may be a number


def e164(text: str, country: str) -> str | None:
    """None for what cannot be a number. The library's answer, which for plain numbers is known beforehand."""
    return _plain(text) or _at_home(text, country) or _looked_up(text, country)


def _plain(text: str) -> str:
    """Already as it should be, when nothing could be left out of it."""
    if not WORLDWIDE.fullmatch(text):
        return ""
    digits = text.translate(BETWEEN)[1:]
    if not (plan := _plan_by(digits[:3])):
        return ""
    rest = digits[len(plan.code) :]
    return f"+{digits}" if len(rest) in plan.lengths and rest[0] != "0" and not plan.prefix.match(rest) else ""


def _at_home(text: str, country: str) -> str:
    """As people write it in their own country: 07700 900142."""
    plan = _plan_of(country)
    if not plan or not AT_HOME.fullmatch(text):
        return ""
    digits = text.translate(BETWEEN)
    if digits.startswith(plan.code) or plan.abroad.match(digits):
        return ""
    if prefix := plan.prefix.match(digits):
        if prefix.lastindex or plan.whole.fullmatch(digits):
            return ""
        digits = digits[prefix.end() :]
    return f"+{plan.code}{digits}" if len(digits) in plan.lengths and digits[0] != "0" else ""


def _looked_up(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def _plan_of(country: str) -> Plan | None:
    """Of the country to which its code belongs first; the others are left to the library."""
    code = phonenumbers.country_code_for_region(country)
    main = COUNTRY_CODE_TO_REGION_CODE.get(code, ("",))[0]
    return _plan(str(code)) if main == country else None


@cache
def _plan_by(start: str) -> Plan | None:
    """Of a number that begins so: a code has three digits at most, and none is the beginning of another."""
    return _plan(start[:1]) or _plan(start[:2]) or _plan(start)


@cache
def _plan(code: str) -> Plan | None:
    main = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ("",))[0]
    known = PhoneMetadata.metadata_for_region(main, None)
    if not known or not known.general_desc or known.national_prefix_transform_rule:
        return None
    lengths = {*known.general_desc.possible_length} - {*known.general_desc.possible_length_local_only}
    return Plan(
        code,
        frozenset(lengths),
        re.compile(known.national_prefix_for_parsing or r"(?!)"),
        re.compile(known.international_prefix or r"(?!)"),
        re.compile(known.general_desc.national_number_pattern or r"(?!)"),
    )
