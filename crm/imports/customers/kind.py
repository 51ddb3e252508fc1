from django.utils.translation import gettext_lazy as _

from crm.imports import newcomers
from crm.imports.customers import applying, fields, matching, undoing, wording
from crm.imports.kinds import Kind
from crm.models import Customer

CUSTOMERS = Kind(
    name="customers",
    label=_("Customers"),
    lead=_("Names, addresses, phones, e-mails, tags, and what they do not want."),
    hint=_("One of number, card, e-mail or phone is enough. An empty cell changes nothing."),
    fields=fields.fields,
    needed=fields.NEEDED,
    told_by=(),
    dates=("birthday", "created_at"),
    numbers=(),
    staging=fields.staging,
    staged=fields.staged,
    left_out=fields.left_out,
    match=matching.match,
    write=applying.write,
    steps=("customers", "numbers", "tags", "consent"),
    found_by_matching=matching.FOUND_BY_MATCHING,
    created=wording.created,
    stats=wording.stats,
    changes=wording.changes,
    undo=undoing.undo,
    fresh=("crm_customer", "crm_identifier", "crm_reach"),
    steps_back=((Customer, newcomers.take_some_away),),
)
