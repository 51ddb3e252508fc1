from django.utils.translation import gettext_lazy as _

from crm.imports.kinds import Kind
from feedback.importing import applying, fields, matching, wording

RESPONSES = Kind(
    name="responses",
    label=_("Answers to surveys"),
    lead=_("Scores and comments that were collected elsewhere."),
    hint=_(
        "A column names the survey as it is called here. Old answers open no complaint, earn nothing, send nothing."
    ),
    fields=lambda: fields.FIELDS,
    needed=fields.NEEDED,
    told_by=(),
    dates=("at",),
    numbers=("score",),
    staging=fields.staging,
    staged=fields.staged,
    left_out=fields.left_out,
    match=matching.match,
    write=applying.write,
    steps=("responses",),
    found_by_matching=matching.FOUND_BY_MATCHING,
    created=wording.created,
    stats=wording.stats,
    changes=wording.changes,
    undo=applying.undo,
    fresh=("feedback_response", "feedback_answertally", "feedback_lastscores"),
)
