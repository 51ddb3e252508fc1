"""Compiles the translations (.po → .mo) with Babel, so that nobody needs gettext's own programs."""

from pathlib import Path

from doors.console import say
from doors.paths import ROOT


def compile_changed() -> None:
    changed = [po for po in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")) if _stale(po)]
    if not changed:
        return
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    say("Compiling the translations")
    for po in changed:
        making = po.with_suffix(".making")
        with po.open("rb") as source, making.open("wb") as target:
            write_mo(target, read_po(source, locale=po.parent.parent.name))
        making.replace(po.with_suffix(".mo"))


def _stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime
