"""What the audit may be about: the model -> what one of them is called, and the page it stands on.

The address takes the number of the row, unless its name ends with a star: then all of them share one page.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SUBJECTS: dict[str, tuple[Any, str]] = {
    "shop.user": (_("Staff"), "shop:staff*"),
    "shop.apikey": (_("API keys"), "shop:keys*"),
    "crm.complaint": (_("Complaint"), "crm:complaint"),
    "crm.task": (_("Task"), "crm:task"),
    "crm.import": (_("Import"), "crm:import_one"),
    "crm.webhook": (_("Webhook"), "crm:webhook"),
    "crm.message": (pgettext_lazy("one letter", "Mail"), "crm:mail"),
    "crm.customfield": (_("Own fields"), "crm:own_field"),
    "crm.tag": (_("Tags"), "crm:tags*"),
    "crm.merge": (_("Merge"), "crm:merged"),
    "feedback.survey": (_("Survey"), "feedback:survey"),
    "loyalty.discount": (_("Discount"), "loyalty:discount"),
    "loyalty.grant": (_("Discount"), "loyalty:grant"),
    "loyalty.reward": (_("Reward"), "loyalty:reward"),
    "loyalty.challenge": (_("Challenge"), "loyalty:challenge"),
    "analytics.goal": (_("Goal"), "analytics:goal"),
}
