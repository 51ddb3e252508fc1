from pathlib import Path

from django.conf import settings

from crm.events.kinds import KINDS

EVENTS = Path(settings.BASE_DIR) / "docs" / "events.md"


def test_the_page_about_events_lists_every_kind_with_its_keys():
    rows = [line for line in EVENTS.read_text().splitlines() if line.startswith("| `")]

    assert rows == [
        f"| `{name}` | {kind.meaning} | {', '.join(f'`{key}`' for key in kind.keys) or 'none'} |"
        for name, kind in KINDS.items()
    ]
