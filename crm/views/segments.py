"""Saved views: keep a question under a name, share it, arrange the tabs, choose the columns."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.models import Customer, Segment, Tab
from crm.segments import tabs
from crm.segments.question import Question
from shop.access import StaffRequest, right
from shop.toasts import toast


@require_POST
@right("customers.view")
def segments(request: StaffRequest) -> HttpResponse:
    """A new view of the question one sees."""
    Customer.objects.allowed(request.user, "customers.view")
    question = _question(request)
    name = _name(request)
    if not name:
        return _list(question.address(edit="new-view"))
    segment = Segment(
        name=name,
        owner=request.user,
        address=question.saved_address(),
        columns=_columns(request, question),
    )
    segment.shared_at = segment.created_at if request.POST.get("shared") else None
    if not _saved(request, segment):
        return _list(question.address(edit="new-view"))
    toast(request, _("The view “%(name)s” is kept.") % {"name": segment})
    return _list(f"view={segment.pk}")


@require_POST
@right("customers.view")
def segment(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Another name; shared, or no longer."""
    found = _changeable(request, segment_id)
    found.name = _name(request) or found.name
    if _saved(request, found):
        found.share(bool(request.POST.get("shared")))
    return _list(f"view={found.pk}")


@require_POST
@right("customers.view")
def question(request: HttpRequest, segment_id: int) -> HttpResponse:
    """The view asks from now on what one sees."""
    found, asked = _changeable(request, segment_id), _question(request)
    before = found.address
    found.ask(asked.saved_address(), _columns(request, asked))
    if before != found.address:
        toast(request, _("“%(name)s” now shows this.") % {"name": found})
    return _list(f"view={found.pk}")


@require_POST
@right("customers.view")
def removal(request: HttpRequest, segment_id: int) -> HttpResponse:
    found = _changeable(request, segment_id)
    found.remove()
    undo = reverse("crm:segment_return", args=[found.pk])
    toast(request, _("The view “%(name)s” is removed.") % {"name": found}, undo=undo)
    return _list("view=all")


@require_POST
@right("customers.view")
def return_(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Takes the removal back."""
    Customer.objects.allowed(request.user, "customers.view")
    found = get_object_or_404(Segment, pk=segment_id)
    if not found.may_be_changed_by(request.user):
        get_object_or_404(Segment.objects.seen_by(request.user), pk=segment_id)
        raise PermissionDenied
    if found.removed_at:
        found.bring_back()
        toast(request, _("The view “%(name)s” is back.") % {"name": found})
    return _list(f"view={found.pk}")


@require_POST
@right("customers.view")
def pin(request: HttpRequest, segment_id: int) -> HttpResponse:
    found = _seen(request, segment_id)
    Tab.of(request.user, found).pin(request.POST.get("pinned") == "1")
    return _list(f"view={found.pk}")


@require_POST
@right("customers.view")
def first(request: HttpRequest, segment_id: int) -> HttpResponse:
    """The view that opens first, or no longer."""
    found = _seen(request, segment_id)
    Tab.of(request.user, found).open_first(request.POST.get("first") == "1")
    if request.POST.get("first") == "1":
        toast(request, _("“%(name)s” opens first from now on.") % {"name": found})
    return _list(f"view={found.pk}")


@require_POST
@right("customers.view")
def place(request: HttpRequest, segment_id: int) -> HttpResponse:
    found = _seen(request, segment_id)
    tabs.move(request.user, found, 1 if request.POST.get("step") == "1" else -1)
    return _list(f"view={found.pk}")


@require_POST
@right("customers.view")
def columns(request: HttpRequest) -> HttpResponse:
    """Which columns one sees in this view; none chosen: as they were."""
    Customer.objects.allowed(request.user, "customers.view")
    asked = _question(request)
    view = Segment.objects.seen_by(request.user).filter(pk=asked.view).first() if asked.view else None
    chosen = [name for name in request.POST.getlist("column") if name in asked.facets]
    Tab.of(request.user, view).show(None if "reset" in request.POST or not chosen else list(dict.fromkeys(chosen)))
    return _list(asked.address())


def _seen(request: HttpRequest, pk: int) -> Segment:
    Customer.objects.allowed(request.user, "customers.view")
    return get_object_or_404(Segment.objects.seen_by(request.user), pk=pk)


def _changeable(request: HttpRequest, pk: int) -> Segment:
    found = _seen(request, pk)
    if not found.may_be_changed_by(request.user):
        raise PermissionDenied("segments.edit")
    return found


def _question(request: HttpRequest) -> Question:
    return Question.read(QueryDict(request.POST.get("question", "")), request.user)


def _columns(request: HttpRequest, question: Question) -> list[str]:
    """Those one sees go with the view."""
    views = tabs.views_of(request.user, question.facets)
    here = tabs.opened(views, question) or views[0]
    return here.columns or []


def _name(request: HttpRequest) -> str:
    name = " ".join(request.POST.get("name", "").split())[:80]
    return name if name.isprintable() else ""


def _saved(request: HttpRequest, segment: Segment) -> bool:
    """False: the name is taken, which is said."""
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError:
        toast(request, _("You have a view “%(name)s” already; choose another name.") % {"name": segment})
        return False
    return True


def _list(address: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('crm:customers')}?{address}")
