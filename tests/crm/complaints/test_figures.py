"""Team figures: times in hours of work, the late share with its interval, few told one by one, people only to some."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from crm.complaints.figures import team_figures
from tests import build
from tests.crm.complaints.conftest import at


def answered_after(clock, ana, minutes, **fields):
    """A complaint opened now, answered after so many minutes and told at once."""
    opened = at("2026-12-09 09:00")
    clock.move_to(opened)
    complaint = build.complaint(ana, **fields)
    clock.move_to(opened + timedelta(minutes=minutes))
    complaint.solve(actor="")
    complaint.tell(actor="")
    clock.move_to(at("2026-12-09 18:00"))
    return complaint


def test_the_middle_and_nine_of_ten_in_minutes_of_work(clock, ana, sam):
    for minutes in range(10, 111, 10):
        answered_after(clock, ana, minutes, owner=sam)

    figures = team_figures({})

    assert (figures.team.answer.n, figures.team.answer.middle, figures.team.answer.most) == (11, 60, 100)
    assert figures.team.answer.words == "1 h"
    assert [(row.label, row.opened) for row in figures.months] == [("December 2026", 11)]


def test_fewer_than_ten_are_told_one_by_one_and_fewer_than_thirty_are_grey(clock, ana):
    for minutes in (150, 20):
        answered_after(clock, ana, minutes)

    team = team_figures({}).team

    assert (team.answer.words, team.answer.is_few, team.late.is_few) == ("0:20, 2:30", True, True)
    for minutes in range(1, 28):
        answered_after(clock, ana, minutes)
    assert team_figures({}).team.late.is_grey
    answered_after(clock, ana, 5)
    assert not team_figures({}).team.late.is_grey


def test_late_is_told_of_those_that_are_decided_with_an_interval(clock, ana):
    for number in range(12):
        answered_after(clock, ana, 200 if number < 3 else 5, severity=1)
    build.complaint(ana, severity=3)  # still in time: nobody knows yet

    late = team_figures({}).team.late

    assert (late.late, late.n) == (3, 12)
    assert late.range == "9% to 53%"


def test_every_number_opens_exactly_its_complaints(clock, ana, sam, as_sam):
    client = Client()
    for number in range(3):
        answered_after(clock, ana, 200, severity=1, owner=sam if number else None)
    answered_after(clock, ana, 5, severity=1, owner=sam)
    build.complaint(ana, severity=3)
    client.force_login(sam)

    figures = team_figures({sam.pk: "Sam", None: "nobody"})

    for row in [figures.team, *figures.months, *figures.people]:
        for url, n in [
            (row.url, row.opened),
            (row.answer.url, row.answer.n),
            (row.solution.url, row.solution.n),
            (row.late.url, row.late.late),
            (row.late.n_url, row.late.n),
        ]:
            assert len(client.get(url).context["rows"]) == n, url


@pytest.mark.parametrize(("who", "seen"), [("sam", {"Sam Ashby"}), ("mira", {"Sam Ashby", "Mira Nair"})])
def test_of_a_person_only_they_and_the_managers_see_more(clock, request, ana, sam, mira, who, seen):
    answered_after(clock, ana, 5, owner=sam)
    answered_after(clock, ana, 5, owner=mira)
    client = Client()
    client.force_login(request.getfixturevalue(who))

    page = client.get(reverse("crm:team"))

    assert {row.label for row in page.context["figures"].people} == seen
    assert page.context["figures"].team.opened == 2


def test_without_complaints_the_page_says_so(as_sam):
    assert "No complaints so far" in as_sam.get(reverse("crm:team")).content.decode()
