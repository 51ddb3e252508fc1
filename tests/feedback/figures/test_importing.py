"""Answers collected elsewhere: they count and stand on the card; twice changes nothing; bad rows say where and why."""

import csv
import gzip
import json
from itertools import count
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm.imports import running, undoing
from crm.models import Complaint, Event, Message
from feedback.figures.overview import Report
from feedback.figures.tiles import tiles
from feedback.models import LastScores, Response, ResponseTopic, Topic, TopicRule
from tests import build
from tests.digests import digests

pytestmark = pytest.mark.django_db
HEADER = "email,score,comment,date,language"
GROWS = {"crm_event", "crm_reaction", "crm_import", "crm_changeset", "crm_change", "crm_rejectedrow"}
GROWS |= {"crm_savedmapping"}
CARPENTRIES = Path(__file__).parent / "data" / "nps_carpentries_scores.csv.gz"
numbers = count(1)


@pytest.fixture
def bring(tmp_path, capsys):
    """Runs the command over these rows and returns what it prints as JSON."""

    def run(*rows, header=HEADER, survey="Would you recommend us", **options):
        path = tmp_path / f"answers-{next(numbers)}.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        call_command("import_responses", path, survey=survey, json=True, **options)
        return json.loads(capsys.readouterr().out)

    return run


def carpentries(survey):
    with gzip.open(CARPENTRIES, "rt", encoding="utf-8") as file:
        return [row["score"] for row in csv.DictReader(file) if row["survey"] == survey]


@pytest.mark.parametrize(
    ("kind", "scores", "shown"),
    [
        ("nps", carpentries("longterm-2020-01"), ("+63", "+51 to +72 · n 134", (62.69, 51.00, 71.63))),
        ("nps", carpentries("longterm-2020-12"), ("+47", "+32 to +59 · n 87", (47.13, 31.81, 59.30))),
        (
            "csat",
            [*"5" * 42, *"4" * 32, *"3" * 10, *"2" * 9, *"1" * 14],
            ("69.2%", "59.9% to 77.1% · n 107", (0.69, 0.6, 0.77)),
        ),
    ],
)
def test_published_scores_come_out_of_files_of_real_answers(bring, kind, scores, shown):
    survey = build.survey(kind)

    told = bring(*(f"2026-01-15,{score}" for score in scores), header="date,score", survey=survey.name)

    assert (told["created"], told["rejected"]) == (len(scores), [])
    report = Report.of(survey, {"period": "2026-01-01"}, timezone.localdate())
    tile, found = tiles(report)[0], report.found
    numbers = tuple(round(number, 2) for number in (found.value, found.low, found.high))
    assert (tile.value, tile.range, numbers) == shown


def test_an_answer_stands_on_the_card_counts_and_sets_nothing_off(bring, ana):
    survey = build.survey("nps")
    topic = Topic.objects.create(name="Delivery")
    TopicRule.objects.create(topic=topic, language="pl", words=["paczk*"])

    bring("ana@people.example,2,Paczka spóźniona,2026-03-04 10:00,pl")

    response = Response.objects.get()
    assert (response.customer, response.survey, response.score, response.language) == (ana, survey, 2, "pl")
    assert (response.channel, response.nameless, timezone.localtime(response.at).hour) == ("import", False, 10)
    assert LastScores.objects.get(customer=ana).nps == 2
    assert response.topics.get().topic == topic
    assert not Complaint.objects.exists()
    assert not Message.objects.exists()
    assert not Event.objects.filter(kind__startswith="response.").exists()


def test_the_same_file_twice_changes_nothing(bring, ana):
    build.survey("nps")
    rows = ["ana@people.example,9,Good,2026-03-04,", ",7,,2026-03-04,", ",7,,2026-03-04,", ",,Only words,2026-03-05,"]
    assert bring(*rows)["created"] == 4
    before = digests(without=GROWS)

    again = bring(*rows)

    assert (again["created"], again["same"]) == (0, 4)
    assert digests(without=GROWS) == before


def test_an_answer_with_a_number_is_known_by_it_and_not_changed(bring):
    build.survey("nps")
    header = "response id,score,comment,date"
    bring("R-1,9,Good,2026-03-04", "R-1,9,Good,2026-03-04", header=header)
    assert Response.objects.count() == 1

    told = bring("R-1,3,Bad,2026-03-04", "R-2,3,Bad,2026-03-04", header=header)

    assert (told["created"], [row["reason"] for row in told["rejected"]]) == (1, ["answer_differs"])
    assert sorted(Response.objects.values_list("score", flat=True)) == [3, 9]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("nobody@people.example,9,,2026-03-04,", "", "unknown_customer"),
        (",9.5,,2026-03-04,", "score", "score"),
        (",11,,2026-03-04,", "score", "score"),
        (",-1,,2026-03-04,", "score", "score"),
        (",nine,,2026-03-04,", "score", "amount"),
        (",9,,,", "date", "no_date"),
        (",9,,31.31.2026,", "date", "date"),
        (",9,,2126-03-04,", "date", "future_date"),
        (",,,2026-03-04,", "", "no_answer"),
        (",9,,2026-03-04,xx", "language", "language"),
    ],
)
def test_a_row_that_cannot_come_in_says_its_line_its_column_and_why(bring, row, column, reason):
    build.survey("nps")

    told = bring(",9,fine,2026-03-01,", row)

    assert told["created"] == 1
    assert [(bad["line"], bad["column"], bad["reason"]) for bad in told["rejected"]] == [(3, column, reason)]
    assert told["rejected"][0]["text"]


@pytest.mark.parametrize(
    ("called", "reason"), [("No such survey", "no_survey"), ("", "no_survey"), ("Hushed", "nameless_survey")]
)
def test_a_survey_must_be_there_and_take_names(bring, called, reason):
    build.survey("nps", name="Hushed", names="nameless")

    told = bring(",9,fine,2026-03-01,", survey=called)

    assert [bad["reason"] for bad in told["rejected"]] == [reason]


def test_rows_may_name_their_survey_by_name_or_number_and_keep_to_its_scale(bring, ana):
    nps, csat = build.survey("nps"), build.survey("csat")
    order = build.order(ana, reference="A-1")

    told = bring(
        f"{nps.pk},9,2026-03-01,,",
        "after AN order,4,2026-03-01,ana@people.example,A-1",
        "After an order,9,2026-03-01,,",
        "After an order,4,2026-03-01,ana@people.example,A-2",
        header="survey,score,date,email,order",
        survey="",
    )

    assert [(bad["line"], bad["reason"]) for bad in told["rejected"]] == [(4, "off_scale"), (5, "unknown_order")]
    assert set(Response.objects.values_list("survey", "score", "order")) == {(nps.pk, 9, None), (csat.pk, 4, order.pk)}


def test_a_preview_changes_nothing_and_an_import_can_be_taken_back(tmp_path, bring, ana):
    build.survey("nps")
    topic = Topic.objects.create(name="Delivery")
    TopicRule.objects.create(topic=topic, language="en", words=["late"])
    before = digests(without=GROWS | {"feedback_answertally"})
    row = "ana@people.example,2,Late,2026-03-04,"

    assert bring(row, preview=True)["applied"] is False
    assert digests(without=GROWS | {"feedback_answertally"}) == before
    told = bring(row)
    assert ResponseTopic.objects.count() == 1
    outcome = undoing.undo(running.Import.objects.get(pk=told["import"]), by=None)

    assert (outcome.restored, outcome.kept) == (1, 0)
    assert digests(without=GROWS | {"feedback_answertally"}) == before


def test_a_file_without_answers_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("name,colour\nAna,red\n")

    with pytest.raises(CommandError, match="These columns are missing: score / comment, at"):
        call_command("import_responses", path)
