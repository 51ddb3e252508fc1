"""Tags: on one card, and the page where they are renamed, merged and deleted."""

from typing import Any

from django.db.models import Count
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.actions import all_actions
from crm.bulk import jobs
from crm.bulk.running import Bulk
from crm.bulk.tags import everybody_with
from crm.models import Customer, Tag
from crm.models.tag import NoTag, TagTaken
from crm.segments.question import Question
from crm.segments.selection import Selection
from crm.tagging import tags_panel
from crm.views.bulk import AT_ONCE
from crm.views.card import card_changed
from shop.access import right
from shop.toasts import toast
from shop.typed import key_in

NAMES = 500


@require_POST
@right("customers.edit")
def tag_on(request: HttpRequest, pk: int) -> HttpResponse:
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    wrong = ""
    try:
        customer.tag(Tag.called(request.POST.get("name", "")), actor=request.user.actor)
    except NoTag:
        wrong = _("A tag is a word or a few; at least one character can be seen.")
    return _of_customer(request, customer, wrong)


@require_POST
@right("customers.edit")
def tag_off(request: HttpRequest, pk: int, tag: int) -> HttpResponse:
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    found = get_object_or_404(Tag, pk=tag)
    if customer.untag(found, actor=request.user.actor):
        said = _("Took “%(tag)s” off.") % {"tag": found}
        toast(request, said, undo=reverse("crm:tag_back", args=[customer.pk, found.pk]))
    return _of_customer(request, customer)


@require_POST
@right("customers.edit")
def tag_back(request: HttpRequest, pk: int, tag: int) -> HttpResponse:
    """Takes the taking off back."""
    customer = Customer.objects.allowed(request.user, "customers.edit").get_or_404(pk)
    customer.tag(get_object_or_404(Tag, pk=tag), actor=request.user.actor)
    return redirect(customer)


def _of_customer(request: HttpRequest, customer: Customer, wrong: str = "") -> HttpResponse:
    if not request.htmx:
        if wrong:
            toast(request, wrong)
        return redirect(customer)
    panel = tags_panel(request, customer)
    typing = {"wrong": wrong, "typing": "name" in request.POST}
    status = 422 if wrong else 200
    return card_changed(render(request, panel.template, {"panel": panel.context | typing}, status=status))


@require_GET
@right("customers.view")
def tag_names(request: HttpRequest) -> HttpResponse:
    """The options of a datalist, fetched when somebody begins to type."""
    Customer.objects.allowed(request.user, "customers.view")
    names = Tag.objects.order_by(Lower("name")).values_list("name")[:NAMES]
    return HttpResponse(format_html_join("", '<option value="{}">', names))


@require_GET
@right("settings.edit")
def tags(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    listed = Tag.objects.annotate(customers=Count("taggings")).order_by(Lower("name"), "pk")
    return render(request, "crm/tags/tags.html", {"tags": list(listed[:NAMES]), **context}, status=status)


@require_POST
@right("settings.edit")
def tag_name(request: HttpRequest, pk: int) -> HttpResponse:
    tag = get_object_or_404(Tag, pk=pk)
    old = tag.name
    try:
        if tag.rename(request.POST.get("name", ""), actor=request.user.actor):
            toast(request, _("“%(old)s” is “%(new)s” now.") % {"old": old, "new": tag.name})
    except NoTag:
        return _page(request, 422, wrong=_("A tag is a word or a few; at least one character can be seen."))
    except TagTaken as taken:
        said = _("There is a tag “%(tag)s” already. Merge the two instead.")
        return _page(request, 422, wrong=said % {"tag": taken.tag})
    return redirect("crm:tags")


@require_POST
@right("settings.edit")
def tag_removal(request: HttpRequest, pk: int) -> HttpResponse:
    tag = get_object_or_404(Tag, pk=pk)
    return _begin(request, "delete_tag", tag, {"tag": tag.pk, "name": tag.name})


@require_POST
@right("settings.edit")
def tag_merger(request: HttpRequest, pk: int) -> HttpResponse:
    tag = get_object_or_404(Tag, pk=pk)
    into = get_object_or_404(Tag, pk=key_in(request.POST.get("into", "")))
    if into.pk == tag.pk:
        return redirect("crm:tags")
    params = {"tag": tag.pk, "name": tag.name, "into": into.pk, "into_name": into.name}
    return _begin(request, "merge_tags", tag, params)


def _begin(request: HttpRequest, name: str, tag: Tag, params: dict[str, Any]) -> HttpResponse:
    """At once for a few, in the background for many; either way it can be taken back."""
    action = next(action for action in all_actions() if action.name == name)
    everybody = Selection(Question.read(QueryDict(everybody_with(tag)), request.user), all=True)
    bulk = Bulk.begin(action, everybody, params, by=request.user)
    if tag.taggings.count() > AT_ONCE:
        jobs.request(bulk, jobs.CHANGE, request.user)
        return redirect("crm:bulk_one", bulk.change_set.pk)
    bulk.run()
    toast(request, bulk.sentence, undo=reverse("crm:bulk_undo", args=[bulk.change_set.pk]))
    return redirect("crm:tags")
