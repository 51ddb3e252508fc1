"""Which consents a merge tightens: a "no" of one card holds for the addresses of the other, channel by channel."""

from collections import defaultdict

from crm.models import ConsentInForce, Customer, Identifier
from crm.models.consent import CHANNELS

Address = tuple[str, str]  # channel, address


def refusals(stays: Customer, goes: Customer) -> dict[Address, set[str]]:
    """{(channel, address): purposes that were allowed there and are refused on the other card}."""
    ours, theirs = _addresses(stays), _addresses(goes)
    said = _said(ours | theirs)
    tightened: dict[Address, set[str]] = defaultdict(set)
    for mine, others in ((ours, theirs - ours), (theirs, ours - theirs)):
        for channel, _label in CHANNELS:
            refused = {p for one in others if one[0] == channel for p, state in said[one].items() if state != "given"}
            for one in mine:
                given = {p for p, state in said[one].items() if state == "given" and one[0] == channel}
                if given & refused:
                    tightened[one] |= given & refused
    return dict(tightened)


def _addresses(card: Customer) -> set[Address]:
    known = Identifier.objects.filter(customer=card, kind__in=[channel for channel, _label in CHANNELS])
    return set(known.values_list("kind", "normalised"))


def _said(addresses: set[Address]) -> dict[Address, dict[str, str]]:
    said: dict[Address, dict[str, str]] = defaultdict(dict)
    rows = ConsentInForce.objects.filter(address__in=[address for _channel, address in addresses])
    for row in rows:
        said[row.channel, row.address][row.purpose] = row.state
    return said
