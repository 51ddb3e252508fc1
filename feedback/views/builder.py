"""One survey and its questions: what is asked, in which order, in which languages."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.models import Brand, CannotAsk, Question, Response, Survey, SurveyVersion
from feedback.surveys import wording
from feedback.surveys.checking import is_said, missing
from feedback.surveys.forms import AroundForm, QuestionForm
from feedback.surveys.kinds import SCORED
from shop.access import right
from shop.toasts import toast
from shop.typed import number_in

Kind = Question.Kind
LANGUAGES = dict(settings.LANGUAGES)
CHOSEN = [Kind.SINGLE, Kind.MULTIPLE, Kind.YES_NO]  # the form says their hint before what can be chosen
ADDED = [Kind.SINGLE, Kind.MULTIPLE, Kind.SCALE, Kind.YES_NO, Kind.TEXT, Kind.DATE]


@require_GET
@right("reports.view")
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Survey.objects.select_related("owner", "created_by"), pk=pk)
    said = {"measures": wording.measures(found.kind), "state": wording.state(found)}
    return render(request, "feedback/surveys/one.html", built(request, found) | said)


def built(request: HttpRequest, found: Survey) -> dict[str, Any]:
    """The questions as they will be asked: of the draft where there is one."""
    draft, version = found.draft, found.version
    shown = draft or version
    assert shown is not None, "a survey has a version"
    language = shown.language_for(request.GET.get("lang") or request.POST.get("lang") or (get_language() or "")[:2])
    questions = list(shown.questions.all())
    for one in questions:
        one.version = shown
    return {
        "survey": found,
        "draft": draft,
        "version": version,
        "shown": shown,
        "language": language,
        "rows": [row(one, language) for one in questions],
        "languages": [(code, LANGUAGES[code], lacking(questions, code)) for code in shown.languages],
        "other_languages": [(code, name) for code, name in settings.LANGUAGES if code not in shown.languages],
        "missing": missing(shown) if draft else [],
        "kinds": addable(found, questions),
        "intro": shown.said("intro", language),
        "send": send_in(language),
        "brand": Brand.now(),
        "sent_when": wording.sent_when(found),
        "reminded": wording.reminded(found),
        "versions": versions(found),
        "tests": Response.objects.filter(survey=found, test=True).count(),
        "may_edit": request.user.may("surveys.edit") and not found.archived_at,
        "may_put_away": request.user.may("surveys.edit"),
    }


def row(question: Question, language: str) -> dict[str, Any]:
    """A question in words, for the list and for the picture of the form."""
    with translation.override(language):
        yes_no = (_("Yes"), _("No"))
    return {
        "question": question,
        "yes_no": yes_no,
        "ask": question.said("ask", language),
        "hint": question.said("hint", language),
        "hint_first": question.kind in CHOSEN,
        "ends": (question.said("low_end", language), question.said("high_end", language)),
        "asks": {band: question.said(f"ask_{band}", language) for band in ("low", "middle", "high")},
        "choices": question.choices_in(language),
    }


def send_in(language: str) -> str:
    """What the button says."""
    with translation.override(language):
        return pgettext("an answer", "Send")


def lacking(questions: list[Question], language: str) -> int:
    return sum(not is_said(one, language) for one in questions)


def addable(found: Survey, questions: list[Question]) -> list[tuple[str, Any]]:
    there = {one.kind for one in questions}
    kinds = list(ADDED)
    if Kind.COMMENT not in there:
        kinds = [Kind.COMMENT, *kinds]
    if Kind.SCORE not in there and found.kind in SCORED:
        kinds = [Kind.SCORE, *kinds]
    return [(kind.value, kind.label) for kind in kinds]


def versions(found: Survey) -> list[tuple[SurveyVersion, bool]]:
    answers = Response.objects.counted().filter(version=OuterRef("pk"))
    published = found.versions.asked().annotate(answered=Exists(answers))
    return [(one, one.answered) for one in published[:20]]


# ---- One question -------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@right("surveys.edit")
@transaction.atomic
def question_new(request: HttpRequest, pk: int) -> HttpResponse:
    found = _editable(request, pk)
    shown = found.draft or found.version
    assert shown is not None
    kind = request.GET.get("kind", "")
    if kind not in dict(addable(found, list(shown.questions.all()))):
        raise Http404
    question = Question(version=shown, kind=kind, name="")
    if kind == Kind.SCORE and found.scale:
        question.lowest, question.highest = found.scale.lowest, found.scale.highest
    form = QuestionForm(request.POST or None, question=question, version=shown)
    if request.method == "POST" and form.is_valid():
        draft = found.open_draft(by=request.user)
        values = form.values()
        if kind == Kind.SCORE:
            values |= {"lowest": question.lowest, "highest": question.highest, "required": True}
        draft.ask(kind, **values)
        toast(request, _("The question is added."))
        return redirect(found)
    return _question_page(request, found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@right("surveys.edit")
@transaction.atomic
def question(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    found = _editable(request, pk)
    shown = found.draft or found.version
    kept = get_object_or_404(Question.objects.select_related("version__survey"), version=shown, name=name)
    form = QuestionForm(request.POST or None, question=kept, version=kept.version)
    if request.method == "POST" and form.is_valid():
        values = form.values()
        if any(getattr(kept, one) != value for one, value in values.items()):
            found.open_draft(by=request.user).questions.get(name=name).change(**values)
            toast(request, _saved(found))
        return redirect(found)
    return _question_page(request, found, form)


def _question_page(request: HttpRequest, found: Survey, form: QuestionForm) -> HttpResponse:
    context = {"survey": found, "form": form, "question": form.question, "running": found.version is not None}
    status = 422 if request.method == "POST" else 200
    return render(request, "feedback/surveys/question.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@right("surveys.edit")
@transaction.atomic
def around(request: HttpRequest, pk: int) -> HttpResponse:
    """What is said before the questions and after the answer."""
    found = _editable(request, pk)
    shown = found.draft or found.version
    assert shown is not None
    form = AroundForm(request.POST or None, version=shown)
    if request.method == "POST" and form.is_valid():
        if form.texts() != shown.texts:
            draft = found.open_draft(by=request.user)
            draft.texts = form.texts()
            draft.save(update_fields=["texts"])
            toast(request, _saved(found))
        return redirect(found)
    status = 422 if request.method == "POST" else 200
    return render(request, "feedback/surveys/around.html", {"survey": found, "form": form}, status=status)


@require_POST
@right("surveys.edit")
@transaction.atomic
def question_place(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    found = _editable(request, pk)
    to = number_in(request.POST.get("to", ""), digits=3)
    if to is None:
        raise Http404
    draft = found.open_draft(by=request.user)
    here = draft.place_of(name)
    draft.move(name, to)
    if not request.htmx:
        return redirect(found)
    context = built(request, found) | {"moved": name, "moved_down": to > here}
    return render(request, "feedback/surveys/_builder.html", context)


@require_POST
@right("surveys.edit")
@transaction.atomic
def question_out(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    found = _editable(request, pk)
    if found.open_draft(by=request.user).leave_out(name):
        toast(request, _("The question is taken out."), undo=reverse("feedback:survey_question_back", args=[pk]))
    return redirect(found)


@require_POST
@right("surveys.edit")
@transaction.atomic
def question_back(request: HttpRequest, pk: int) -> HttpResponse:
    found = _editable(request, pk)
    if found.draft and found.draft.put_back():
        toast(request, _("The question is back."))
    return redirect(found)


# ---- Languages, publishing ----------------------------------------------------------------------------
@require_POST
@right("surveys.edit")
@transaction.atomic
def language(request: HttpRequest, pk: int) -> HttpResponse:
    """One more, one less, or first."""
    found = _editable(request, pk)
    code = request.POST.get("language", "")
    if code not in LANGUAGES:
        raise Http404
    draft = found.open_draft(by=request.user)
    if request.POST.get("do") == "add":
        draft.speak(code)
    elif request.POST.get("do") == "first":
        draft.speak_first(code)
    elif not draft.fall_silent(code):
        toast(request, _("One language is always left."))
    return redirect(f"{found.get_absolute_url()}?lang={code}")


@require_POST
@right("surveys.edit")
@transaction.atomic
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft is asked from now on; the first time the survey begins to be sent with it."""
    found = _editable(request, pk)
    draft = found.draft
    try:
        if draft:
            draft.publish(by=request.user, actor=request.user.actor)
        if request.POST.get("do") == "start" and found.start(actor=request.user.actor):
            back = f"{reverse('feedback:survey_state', args=[pk])}?do=pause"
            toast(request, wording.happened("started", found), undo=back)
        elif draft:
            toast(request, _("Customers are asked with the new questions from now on."))
    except CannotAsk:
        toast(request, _("Something is still missing; it stands above the questions."))
    return redirect(found)


@require_POST
@right("surveys.edit")
@transaction.atomic
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft goes; customers are asked as before."""
    found = _editable(request, pk)
    if found.drop_draft():
        undo = reverse("feedback:survey_draft_back", args=[pk])
        toast(request, _("The changes are dropped; customers are asked as before."), undo=undo)
    return redirect(found)


@require_POST
@right("surveys.edit")
@transaction.atomic
def draft_back(request: HttpRequest, pk: int) -> HttpResponse:
    found = _editable(request, pk)
    if found.put_draft_back(by=request.user):
        toast(request, _("The changes are back. Customers see them when you publish."))
    elif found.draft:
        toast(request, _("New changes were begun since, so those that were dropped stay dropped."))
    return redirect(found)


@require_GET
@right("reports.view")
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An earlier version, as it was asked."""
    shown = get_object_or_404(
        SurveyVersion.objects.published().select_related("survey", "published_by"), survey=pk, number=number
    )
    said = shown.language_for(request.GET.get("lang") or (get_language() or "")[:2])
    rows = [row(one, said) for one in shown.questions.select_related("version")]
    context = {"survey": shown.survey, "shown": shown, "rows": rows, "language": said}
    context["languages"] = [(code, LANGUAGES[code], 0) for code in shown.languages]
    context |= {"intro": shown.said("intro", said), "send": send_in(said), "brand": Brand.now()}
    return render(request, "feedback/surveys/version.html", context)


def _saved(found: Survey) -> str:
    return _("Saved in the draft. Customers see it when you publish.") if found.version else _("Saved.")


def _editable(request: HttpRequest, pk: int) -> Survey:
    """Whoever changes something holds the survey from the look to the write: a draft may be published any moment."""
    surveys = Survey.objects.present()
    return get_object_or_404(surveys.select_for_update() if request.method == "POST" else surveys, pk=pk)
