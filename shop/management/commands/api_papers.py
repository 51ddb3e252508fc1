"""Write docs/api/openapi.yaml anew, after a change of the API."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from shop.api.schema import papers, written

PLACE = Path(settings.BASE_DIR) / "docs" / "api" / "openapi.yaml"


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        PLACE.write_text(written(papers()))
        self.stdout.write(f"Wrote {PLACE.relative_to(settings.BASE_DIR)}.")
