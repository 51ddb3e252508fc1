"""Rules and tiers change alike: a draft, a look at three customers, a rehearsal, a day from which it holds."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Q, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from loyalty.models import EarningRule, Rehearsal, RehearsedCustomer, TierScheme
from loyalty.points.days import zone
from loyalty.programme import jobs, previewing, rehearsing, wording
from loyalty.programme.earning import Terms
from loyalty.programme.forms import PublishForm, RuleForm, SchemeForm
from loyalty.programme.telling import edited
from loyalty.views.rehearsed import rehearsed
from shop import formats
from shop.access import right
from shop.models import Setting
from shop.toasts import toast

PAGE = 50


@dataclass(frozen=True)
class Sort:
    """One of the two: its model, its form, what it is read with, its pages."""

    name: str
    model: Any
    form: Any
    parts: tuple[str, ...]

    def template(self, part: str) -> str:
        return f"loyalty/programme/{self.name}{part}.html"

    def words(self, row: Any) -> list[str]:
        prefetch_related_objects([row], *self.parts)
        return wording.sentences(row) if self.name == "rule" else steps_in_words(row)

    def preview(self, form: Any) -> list[Any]:
        if self.name == "rule":
            rule = EarningRule.in_force_at()
            return previewing.of_rule(Terms.of(rule) if rule else None, form.terms())
        data = form.cleaned_data
        return previewing.of_scheme(TierScheme.in_force_at(), data["metric"], data["window"], form.steps())


RULE = Sort("rule", EarningRule, RuleForm, ("categories", "tiers__tier"))
SCHEME = Sort("scheme", TierScheme, SchemeForm, ("steps__tier",))
SORTS = {sort.name: sort for sort in (RULE, SCHEME)}


def steps_in_words(scheme: TierScheme) -> list[str]:
    steps = sorted(scheme.steps.all(), key=lambda step: step.threshold)
    said = [_("%(tier)s from %(counted)s on.") for _step in steps]
    return [
        wording.how(scheme),
        *(
            words % {"tier": step.tier, "counted": wording.counted(scheme.metric, step.threshold)}
            for words, step in zip(said, steps, strict=True)
        ),
    ]


def sort_of(name: str) -> Sort:
    if name not in SORTS:
        raise Http404
    return SORTS[name]


@require_GET
@right("reports.view")
def dated(request: HttpRequest, sort: str) -> HttpResponse:
    """What holds, what will, what did, and drafts."""
    kind = sort_of(sort)
    in_force = kind.model.in_force_at()
    rows = kind.model.objects.filter(Q(since=None) | Q(withdrawn_at=None)).select_related("made_by", "published_by")
    rows = rows.prefetch_related(*kind.parts)
    listed = [
        {"row": row, "words": kind.words(row), "state": _state(row, in_force)}
        for row in rows.order_by("-since", "-pk")[:PAGE]
    ]
    context = {"sort": kind.name, "rows": listed, "may_edit": request.user.may("programme.edit")}
    return render(request, "loyalty/programme/dated.html", context)


def _state(row: Any, in_force: Any) -> str:
    if row.is_draft:
        return "draft"
    if not row.has_begun:
        return "coming"
    return "now" if in_force and row.pk == in_force.pk else "past"


@require_http_methods(["GET", "HEAD", "POST"])
@right("programme.edit")
@transaction.atomic
def draft_new(request: HttpRequest, sort: str) -> HttpResponse:
    return _edit(request, sort_of(sort), None)


@require_http_methods(["GET", "HEAD", "POST"])
@right("programme.edit")
@transaction.atomic
def draft_edit(request: HttpRequest, sort: str, pk: int) -> HttpResponse:
    kind = sort_of(sort)
    return _edit(request, kind, _draft_of(request, kind, pk))


def _draft_of(request: HttpRequest, kind: Sort, pk: int) -> Any:
    """Whoever changes it holds it from the look to the write: it may be published any moment."""
    drafts = kind.model.objects.drafts()
    return get_object_or_404(drafts.select_for_update() if request.method == "POST" else drafts, pk=pk)


def _edit(request: HttpRequest, kind: Sort, draft: Any) -> HttpResponse:
    """The form, beside it what it would do to three customers; nothing is saved by looking."""
    like = draft or kind.model.in_force_at()
    posted = request.method == "POST"
    form = kind.form(request.POST if posted else None, instance=draft, like=like)
    if posted and form.is_valid() and "save" in request.POST:
        saved = form.save_draft(request.user)
        return redirect("loyalty:draft", kind.name, saved.pk)
    preview = kind.preview(form) if posted and form.is_valid() else []
    metric = form.cleaned_data.get("metric", "") if posted and form.is_valid() else ""
    context = {"sort": kind.name, "form": form, "draft": draft, "preview": preview, "metric": metric, "posted": posted}
    if request.htmx:
        return render(request, kind.template("_preview"), context)
    return render(request, kind.template("_form"), context, status=422 if posted and not form.is_valid() else 200)


@require_GET
@right("reports.view")
def draft(request: HttpRequest, sort: str, pk: int) -> HttpResponse:
    """One dated row: what it says, its rehearsals, from when on it holds."""
    kind = sort_of(sort)
    return _draft(request, kind, get_object_or_404(kind.model, pk=pk), PublishForm())


def _draft(request: HttpRequest, kind: Sort, row: Any, form: PublishForm, status: int = 200) -> HttpResponse:
    in_force = kind.model.in_force_at()
    prefetch_related_objects([one for one in (row, in_force) if one], *kind.parts)
    context = {
        "sort": kind.name,
        "row": row,
        "words": kind.words(row),
        "now": kind.words(in_force) if in_force and not row.has_begun and not row.withdrawn_at else [],
        "state": _state(row, in_force) if not row.withdrawn_at else "withdrawn",
        "rehearsal": row.rehearsals.select_related("job").order_by("-pk").first(),
        "form": form,
        "may_edit": request.user.may("programme.edit"),
    }
    context["figures"] = figures_of(context["rehearsal"])
    return render(request, "loyalty/programme/draft.html", context, status=status)


@require_POST
@right("programme.edit")
def publication(request: HttpRequest, sort: str, pk: int) -> HttpResponse:
    kind = sort_of(sort)
    row = get_object_or_404(kind.model.objects.drafts(), pk=pk)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _draft(request, kind, row, form, 422)
    day = form.cleaned_data["day"]
    if _published(request, kind, row, day):
        toast(request, _("Published; it holds from %(day)s.") % {"day": formats.day(day)})
    else:
        toast(request, _("Somebody had done that already."))
    return redirect("loyalty:draft", kind.name, row.pk)


@transaction.atomic
def _published(request: HttpRequest, kind: Sort, row: Any, day: date) -> bool:
    """False: somebody else published the draft meanwhile."""
    at_once = day == timezone.localdate()
    since = timezone.now() if at_once else datetime.combine(day, time(), tzinfo=zone())
    if not row.publish(since, by=request.user):
        return False
    _tell(request, kind, row)
    if kind is SCHEME and at_once:
        jobs.look_now(request.user)
    return True


@require_POST
@right("programme.edit")
@transaction.atomic
def withdrawal(request: HttpRequest, sort: str, pk: int) -> HttpResponse:
    kind = sort_of(sort)
    row = get_object_or_404(kind.model, pk=pk)
    if row.withdraw():
        _tell(request, kind, row)
        toast(request, _("Withdrawn; what holds now goes on."))
    return redirect("loyalty:dated", kind.name)


@require_POST
@right("programme.edit")
@transaction.atomic
def draft_removal(request: HttpRequest, sort: str, pk: int) -> HttpResponse:
    kind = sort_of(sort)
    row = _draft_of(request, kind, pk)
    RehearsedCustomer.objects.filter(rehearsal__in=row.rehearsals.all()).delete()
    row.delete()
    toast(request, _("The draft is gone."))
    return redirect("loyalty:dated", kind.name)


def _tell(request: HttpRequest, kind: Sort, row: Any) -> None:
    since = "" if row.withdrawn_at else row.since.isoformat()
    edited(kind.name, row.pk, by=request.user, since=since)


@require_POST
@right("programme.edit")
def rehearsals(request: HttpRequest, sort: str, pk: int) -> HttpResponse:
    kind = sort_of(sort)
    row = get_object_or_404(kind.model, pk=pk)
    rehearsing.begin(**{kind.name: row}, by=request.user)
    return redirect("loyalty:draft", kind.name, row.pk)


@require_GET
@right("reports.view")
def rehearsal(request: HttpRequest, pk: int) -> HttpResponse:
    """Who gains or loses, the most first."""
    found = get_object_or_404(Rehearsal.objects.filter(version=None).select_related("rule", "scheme"), pk=pk)
    lose = request.GET.get("who") == "lose"
    rows, following = rehearsed(found, "lose" if lose else "gain", request.GET.get("after", ""))
    kind = RULE if found.rule_id else SCHEME
    context: dict[str, Any] = {"rehearsal": found, "sort": kind.name, "row": found.rule or found.scheme, "lose": lose}
    context |= {"rows": rows, "following": following, "figures": figures_of(found)}
    if found.scheme:
        context["names"] = ranks_named(found)
        for one in rows:
            one.before_name, one.after_name = (
                context["names"][side][getattr(one, side)] for side in ("before", "after")
            )
    return render(request, "loyalty/programme/rehearsal.html", context)


def figures_of(found: Rehearsal | None) -> dict[str, Any] | None:
    if found is None or not found.finished_at:
        return None
    result = dict(found.result)
    result["difference"] = result["after"] - result["before"]
    result["cost"] = in_money(result["difference"])
    result["same"] = result["customers"] - result["gain"] - result["lose"]
    if found.scheme:
        names = ranks_named(found)
        result["tiers"] = {
            side: [(names[side].get(rank, ""), n) for rank, n in result[f"ranks_{side}"]]
            for side in ("before", "after")
        }
    return result


def in_money(points: int) -> str:
    """What these points are worth where one pays with points."""
    value = Setting.get("till.point_value")
    return wording.money(points * value) if value else ""


def ranks_named(found: Rehearsal) -> dict[str, dict[int, str]]:
    """0 is no tier."""
    sides = {"before": TierScheme.in_force_at(found.made_at), "after": found.scheme}
    named = {}
    for side, scheme in sides.items():
        steps = scheme.steps.select_related("tier").order_by("threshold") if scheme else []
        named[side] = {0: _("no tier"), **{rank: str(step.tier) for rank, step in enumerate(steps, start=1)}}
    return named
