import pytest
from django.http import QueryDict

from crm.segments.question import Question
from tests import build


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("open_complaint=yes", {"Ana Lindqvist"}),
        ("open_complaint=no", {"Ben Okafor", "Cleo Marczak"}),
        ("complaints=1..", {"Ana Lindqvist", "Ben Okafor"}),
        ("complaints=2", {"Ana Lindqvist"}),
        ("last_complaint=2020-01-01..", {"Ana Lindqvist", "Ben Okafor"}),
        ("sort=-complaints", {"Ana Lindqvist", "Ben Okafor", "Cleo Marczak"}),
    ],
)
def test_customers_are_asked_for_by_their_complaints(ana, ben, cleo, sam, asked, found):
    build.complaint(ana)
    build.complaint(ana, stage="closed")
    build.complaint(ben, stage="closed")

    question = Question.read(QueryDict(asked), sam)

    assert {customer.name for customer in question.customers} == found
    assert not question.problems
