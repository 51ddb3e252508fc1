"""The night's look through all cards, and the end of what is only kept for a while."""

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from crm.duplicates import finding, stragglers
from shop.jobs import job
from shop.models import Job

KIND = "crm.find_duplicates"
FOLLOWING = gettext_noop("Bringing rows to the cards they belong to")
COMPARING = gettext_noop("Comparing cards")
LONGEST = "600s"


@job(KIND)
def find_duplicates(job: Job) -> dict[str, Any]:
    job.progress(FOLLOWING)
    moved = stragglers.follow()
    job.progress(COMPARING)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [LONGEST])
        return {"pairs": finding.find_all(), "moved": moved}


def nightly(day: date) -> Job:
    return Job.request(KIND, period=day.isoformat())
