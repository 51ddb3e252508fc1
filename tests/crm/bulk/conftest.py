import pytest
from django.http import QueryDict

from crm.actions import action_for_many
from crm.bulk.running import Bulk
from crm.segments.question import Question
from crm.segments.selection import Selection


@pytest.fixture
def many(sam):
    """many("tag", [ana, ben], {"tag": …}) begins a change, as the list does."""

    def begin(name, customers, params, *, asked="", by=sam):
        question = Question.read(QueryDict(asked), by)
        ids = tuple(sorted(customer.pk for customer in customers or ()))
        return Bulk.begin(action_for_many(name), Selection(question, customers is None, ids), params, by=by)

    return begin
