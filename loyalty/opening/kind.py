from django.utils.translation import gettext_lazy as _

from crm.imports.kinds import Kind
from loyalty.opening import applying, fields, matching, wording

POINTS = Kind(
    name="points",
    label=_("Opening balances of points"),
    lead=_("The points that customers had in an older system."),
    hint=_("One row for each customer who is here. Brought once for each source; import the customers first."),
    fields=lambda: fields.FIELDS,
    needed=fields.NEEDED,
    told_by=(),
    dates=("available_on", "expires_on"),
    numbers=("points",),
    staging=fields.staging,
    staged=fields.staged,
    left_out=fields.left_out,
    match=matching.match,
    write=applying.write,
    steps=("points",),
    found_by_matching=matching.FOUND_BY_MATCHING,
    created=wording.created,
    stats=wording.stats,
    changes=wording.changes,
    undo=applying.undo,
    fresh=("loyalty_account", "loyalty_entry", "loyalty_lot"),
)
