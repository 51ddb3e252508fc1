"""What can be asked about a customer: list, filters, columns, sort, saved views, segments, API, export.

An entry is a Facet, or a function that yields facets when what can be asked is itself in rows of the database.
"""

from analytics.facets import FACETS as FIGURES
from crm.complaints.facets import FACETS as COMPLAINTS
from crm.contact.facets import FACETS as CONTACT
from crm.own_fields import fields as own_fields
from crm.segments.facets import FIRST, LAST
from crm.tagging import TAGS
from feedback.figures.facets import FACETS as ANSWERS
from loyalty.discounts.facets import FACETS as DISCOUNTS
from loyalty.points.facets import FACETS as POINTS
from loyalty.programme.facets import FACETS as TIERS

FACETS = [
    *FIRST,
    TAGS,
    *FIGURES,
    *COMPLAINTS,
    *CONTACT,
    *ANSWERS,
    *POINTS,
    *TIERS,
    *DISCOUNTS,
    *LAST,
    own_fields.facets,
]
