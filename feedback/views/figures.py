"""What answers add up to, and the answers themselves."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.panels import panels
from feedback.figures import asked_list, charts, chosen, counting, groups, questions
from feedback.figures.answer_rows import AnswerRow
from feedback.figures.answers import TYPED, AnswerQuestion
from feedback.figures.overview import Report
from feedback.figures.tiles import tiles
from feedback.models import Survey
from feedback.surveys import wording
from shop.access import StaffRequest, right
from shop.charts.download import csv_response
from shop.handing_out import Table, hand_out

NEWEST = 10
PAGE_OF_A_FILE = 1000


@require_GET
@right("reports.view")
def overview(request: StaffRequest) -> HttpResponse:
    surveys = chosen.surveys()
    report = chosen.report(request.GET.dict(), surveys)
    if report is None:
        return render(request, "feedback/figures/overview.html", {"report": None})
    by = request.GET.get("by", "")
    counts = counting.answers_between(report.period.first, report.period.last, [one.pk for one in surveys])
    context: dict[str, Any] = {
        "report": report,
        "tabs": [(one, _tab(report, one), counts.get(one.pk, 0), one == report.survey) for one in surveys],
        "measures": wording.measures(report.survey.kind),
        "tiles": tiles(report),
        "trend": charts.trend(report, csv=report.url("feedback:trend_csv")),
        "distribution": charts.distribution(report),
        "ways": [(report.url(by=name), label, name == by) for name, label in groups.ways(request.user).items()],
        "groups": groups.grouped(report, by, request.user),
        "questions": questions.asked(report),
        "hides_some": groups.hides_some(report),
        "panels": panels("feedback", request, report),
        **_newest(report, request.user),
    }
    return render(request, "feedback/figures/overview.html", context)


def _tab(report: Report, survey: Survey) -> str:
    return report.url(survey=str(survey.pk), version="")


def _newest(report: Report, user: Any) -> dict[str, Any]:
    """The newest answers of the period; all there are while they are too few for a number."""
    asked = {"survey": [str(report.survey.pk)]}
    if report.versions.others:
        asked["version"] = [str(one.number) for one in report.versions.counted]
    question = AnswerQuestion(user, asked, first=report.period.first, last=report.period.last)
    rows, following = question.page(NEWEST)
    return {"rows": rows, "following": following and report.behind()}


@require_GET
@right("reports.view")
def trend_csv(request: StaffRequest) -> HttpResponse:
    report = chosen.report(request.GET.dict())
    drawn = charts.trend(report) if report else None
    if drawn is None:
        raise Http404
    return csv_response(drawn, "feedback.csv")


@require_GET
@right("reports.view")
def asked(request: StaffRequest) -> HttpResponse:
    report = chosen.report(request.GET.dict())
    if report is None:
        raise Http404
    found = asked_list.AskedList.read(report, request.GET)
    context = {
        "report": report,
        "list": found,
        "rows": [(row, asked_list.became(row)) for row in found.rows],
        "tabs": [
            (report.url("feedback:asked", **{**found.kept, "list": name}), label, name == found.name)
            for name, label in asked_list.LISTS.items()
        ],
        "following": found.following and report.url("feedback:asked", **found.kept, after=found.following),
        "rate": report.rates[0],
    }
    return render(request, "feedback/figures/asked.html", context)


@require_GET
@right("reports.view")
def answers(request: StaffRequest) -> HttpResponse:
    question = AnswerQuestion.read(request.GET, request.user)
    rows, following = question.page()
    edit = request.GET.get("edit", "")
    labels = question.labels
    editing = edit in labels and edit not in TYPED
    context = {
        "question": question,
        "rows": rows,
        "following": following and question.address(after=following),
        "labels": {name: label for name, label in labels.items() if name not in (*question.asked, *TYPED)},
        "editing": editing and {"name": edit, "label": labels[edit], "options": question.options(edit).items()},
        "editing_days": edit == "days",
        "values": question.asked.get(edit, []),
        "kept": [(name, value) for name, values in question.asked.items() if name != edit for value in values],
        "state": question.address(),
        "may_export": request.user.may("customers.export"),
        "may_correct": request.user.may("surveys.edit"),
    }
    return render(request, "feedback/figures/answers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.export")
def answers_csv(request: StaffRequest) -> HttpResponse | StreamingHttpResponse:
    """All that answer to the question, as the list shows them."""
    question = AnswerQuestion.read(request.GET, request.user)
    question.after = ""
    table = Table("answers.csv", question.rows.count(), _rows(question), ", ".join(question.names))
    return hand_out(request, table, back=f"{reverse('feedback:answers')}?{question.address()}")


def _rows(question: AnswerQuestion) -> Iterator[list[Any]]:
    yield [
        _("Answered on"), _("Survey"), _("Score"), _("Comment"), _("Other answers"), _("Topics"), _("Customer"),
        _("Card"), _("Order"), _("Complaint"), _("Language"), _("Came by"),
    ]  # fmt: skip
    while True:
        rows, question.after = question.page(PAGE_OF_A_FILE)
        yield from map(_cells, rows)
        if not question.after:
            return


def _cells(row: AnswerRow) -> list[Any]:
    """Of an answer without a name neither a day nor the way it came."""
    one = row.response
    day = timezone.localtime(one.at).date().isoformat() if row.says_week else ""
    others = "; ".join(f"{asked}: {said}" for asked, said in row.said)
    said: list[Any] = [day, str(one.survey), one.score, one.comment, others, ", ".join(map(str, row.topics))]
    customer, named = row.customer, not one.nameless
    whose: list[Any] = [str(customer) if customer else "", customer.pk if customer else ""]
    about = [str(one.order or ""), str(one.complaint_id or "")] if row.may_name else ["", ""]
    return [*said, *whose, *about, one.language if named else "", str(one.get_channel_display()) if named else ""]
