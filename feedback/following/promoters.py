"""What who gave a high score may do next, on the page that thanks them (place "thanks" of config/panels.py)."""

from typing import Any

from crm.panels import Panel
from feedback.models import Response
from feedback.surveys.kinds import Band
from shop.models import Setting


def is_promoter(response: Response) -> bool:
    return response.band == Band.HIGH


def review(request: Any, response: Response) -> Panel | None:
    """Where reviews are written, in a tab of its own; nothing of the answer goes there."""
    url = response.survey.review_url
    if not (url and is_promoter(response) and Setting.get("feedback.ask_for_review")):
        return None
    return Panel("feedback/following/_review.html", {"url": url}, zone="thanks", order=10)
