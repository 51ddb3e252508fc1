"""What was chosen for a file is proposed again for the next one with the same header from the same source, and may be
kept under a name."""

import hashlib
from typing import Any

from django.utils import timezone

from crm.imports import columns
from crm.imports.columns import DELIMITERS, Mapping, squeezed, without_added
from crm.imports.kinds import kind_named
from crm.models import Import, SavedMapping

LAST_TIME = "last time"
# Which of these it is can be remembered; the others show themselves.
ALIKE = ("cp1252", "cp1250", "iso8859-2", "cp1251", "koi8-u", "cp866")


def fingerprint(header: list[str]) -> str:
    """The same for the rejected rows of a file, when they come back put right."""
    return hashlib.sha256("\x1f".join(map(squeezed, without_added(header))).encode()).hexdigest()


def remember(applied: Import, name: str = "") -> None:
    """Under that name, or as what was chosen last time. An older choice of that name is replaced."""
    mapping = applied.mapping_in_use
    key: dict[str, Any] = {
        "kind": mapping.kind,
        "source": applied.source,
        "fingerprint": fingerprint(mapping.header),
        "name": "",
    }
    if name:
        known = SavedMapping.objects.filter(kind=mapping.kind, name__iexact=name).first()
        key = {"pk": known.pk} if known else {"kind": mapping.kind, "name": name}
    SavedMapping.objects.update_or_create(
        **key, defaults={"mapping": mapping.as_json, "source": applied.source, "used_at": timezone.now()}
    )


def as_last_time(mapping: Mapping, header_text: str, source: str, kind: str = "") -> Mapping:
    """The mapping that a file like this had last time, else the one given."""
    delimiters = [mapping.delimiter] if mapping.sheet else [*DELIMITERS]
    splits = [columns.split(header_text, mapping.encoding, one, kind_named(mapping.kind)) for one in delimiters]
    by_key = {fingerprint(split.header): split for split in splits if len(split.header) > 1}
    like_this = SavedMapping.objects.filter(name="", source=source, fingerprint__in=by_key)
    if kind:
        like_this = like_this.filter(kind=kind)
    saved = like_this.order_by("-used_at").first()
    if not saved:
        return mapping
    split = by_key[saved.fingerprint]
    split.sheet, split.first = mapping.sheet, mapping.first
    split.kind = saved.kind
    return laid_over(split, saved, LAST_TIME)


def laid_over(mapping: Mapping, saved: SavedMapping, proposed: str) -> Mapping:
    """The choices of a saved mapping as far as this file has those columns."""
    then = saved.mapping
    here = {squeezed(name): name for name in mapping.header if name}
    known = mapping.kind_of_file.fields()
    chosen = {ours: here.get(squeezed(theirs)) for ours, theirs in then["columns"].items() if ours in known}
    mapping.columns = {ours: theirs for ours, theirs in chosen.items() if theirs}
    for name in ("dates", "decimal"):
        setattr(mapping, name, "auto" if then[name] == "unknown" else then[name])
    if {then["encoding"], mapping.encoding} <= {*ALIKE}:
        mapping.encoding = then["encoding"]
    mapping.proposed = proposed
    return mapping
