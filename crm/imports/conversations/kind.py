from django.utils.translation import gettext_lazy as _

from crm.imports.conversations import applying, fields, matching, wording
from crm.imports.kinds import Kind
from crm.undo.taking_back import take_back

CONVERSATIONS = Kind(
    name="conversations",
    label=_("Conversations"),
    lead=_("Calls, visits, chats, mails and notes that an older system kept."),
    hint=_("They come to cards that are here; a row about somebody unknown is rejected. Import the customers first."),
    fields=lambda: fields.FIELDS,
    needed=fields.NEEDED,
    told_by=(),
    dates=("at",),
    numbers=(),
    staging=fields.staging,
    staged=fields.staged,
    left_out=fields.left_out,
    match=matching.match,
    write=applying.write,
    steps=("conversations",),
    found_by_matching=matching.FOUND_BY_MATCHING,
    created=wording.created,
    stats=wording.stats,
    changes=wording.changes,
    undo=lambda brought, by: take_back(brought.changes, by=by),
    fresh=("crm_note",),
)
