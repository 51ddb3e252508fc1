"""Tags of many at once, and tags as something one can ask about."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.facets import Facet
from crm.models import Tag, Tagging
from crm.models.tag import plain, tagged
from crm.panels import Panel
from shop.at_once import once
from shop.prepared import prepared

_GIVE = """
    INSERT INTO crm_tagging (customer_id, tag_id)
    SELECT wanted.customer, crm_tag.id
      FROM (SELECT DISTINCT * FROM unnest(%s::bigint[], %s::text[]) AS wanted (customer, name)) AS wanted
      JOIN crm_tag ON lower(crm_tag.name) = lower(wanted.name)
     ORDER BY 1, 2
    ON CONFLICT (customer_id, tag_id) DO NOTHING RETURNING id
"""


def tag_many(pairs: Iterable[tuple[int, str]]) -> list[int]:
    """Give customers tags by name, new tags are made; the ids of the taggings that are new. For imports.

    Call it in a transaction; crm.undo.recording.note_created makes it something that can be taken back.
    """
    wanted = [(customer, name) for customer, text in pairs if (name := plain(text))]
    names = {name.casefold(): name for _customer, name in wanted}
    Tag.objects.bulk_create([Tag(name=name) for name in names.values()], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, [[customer for customer, _name in wanted], [name for _customer, name in wanted]])
        return [pk for (pk,) in cursor.fetchall()]


def choices() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Tag.objects.order_by(Lower("name"), "pk").values_list("pk", "name")]


def _tags_of() -> Any:
    own = Tagging.objects.filter(customer=OuterRef("pk")).order_by(Lower("tag__name"), "tag_id")
    return ArraySubquery(own.values("tag_id"))


def _has(value: str) -> Q:
    """Answered by the index of taggings by tag."""
    if value == "-":
        return ~Q(Exists(Tagging.objects.filter(customer=OuterRef("pk"))))
    return Q(pk__in=Tagging.objects.filter(tag=int(value)).values("customer"))


TAGS = Facet(
    "tags", _("Tags"), "choice", _tags_of, choices=choices, condition=_has, many=True, blank=True, column=False
)


tags_of = once(prepared(tagged))


def tags_panel(request: Any, customer: Any) -> Panel:
    context = {"customer": customer, "tags": tags_of(customer), "may_edit": request.user.may("customers.edit")}
    return Panel("crm/tags/_of_customer.html", context, zone="who", order=10)
