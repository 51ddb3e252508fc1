"""Tasks: mine and everybody's, a new one, done with one click and open again with another."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.forms import TaskForm
from crm.models import Customer, Task
from crm.tasks_due import page_of
from shop import formats
from shop.access import right
from shop.navigation import back
from shop.toasts import toast
from shop.typed import number_in

WHOSE = {"": gettext_lazy("Mine"), "all": gettext_lazy("Everybody’s"), "late": pgettext_lazy("tasks", "Late")}


@require_GET
@right("customers.view")
def tasks(request: HttpRequest) -> HttpResponse:
    """`whose`: mine when it says nothing, all, or late: everybody's late ones."""
    Customer.objects.allowed(request.user, "customers.view")
    whose = request.GET.get("whose", "")
    whose = whose if whose in WHOSE else ""
    rows, after = page_of(None if whose else request.user, late=whose == "late", after=request.GET.get("after", ""))
    context = {
        "tasks": rows,
        "after": after,
        "whose": whose,
        "tabs": WHOSE.items(),
        "may_edit": request.user.may("customers.edit"),
    }
    return render(request, "crm/tasks/tasks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it: in its line with htmx, else on a page."""
    Customer.objects.allowed(request.user, "customers.edit")
    found = get_object_or_404(Task.objects.select_related("customer", "owner"), pk=pk, done_at=None)
    form = TaskForm(request.POST or None, by=found.owner)
    form.initial.update(title=found.title, due_on=found.due_on)
    if request.method == "POST" and form.is_valid():
        if found.edit(actor=request.user.actor, **form.cleaned_data):
            toast(request, _("“%(title)s” is changed.") % {"title": found.title})
        if request.htmx:
            return render(request, "crm/tasks/_line.html", {"task": found, "may_edit": True})
        return back(request, otherwise=reverse("crm:tasks"))
    template = "crm/tasks/_edit.html" if request.htmx else "crm/tasks/edit.html"
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"task": found, "form": form}, status=status)


@require_POST
@right("customers.edit")
def task_later(request: HttpRequest, pk: int) -> HttpResponse:
    """POST `days`: from today on, 1 or 7."""
    Customer.objects.allowed(request.user, "customers.edit")
    found = get_object_or_404(Task.objects.select_related("customer", "owner"), pk=pk, done_at=None)
    days = {"1": 1, "7": 7}.get(request.POST.get("days", ""))
    if days is None:
        return HttpResponse(status=400)
    day = timezone.localdate() + timedelta(days=days)
    if found.edit(actor=request.user.actor, due_on=day):
        said = {"title": found.title, "day": formats.relative(day, timezone.localdate())}
        toast(request, _("“%(title)s” is due %(day)s now.") % said)
    if request.htmx:
        return render(request, "crm/tasks/_line.html", {"task": found, "may_edit": True})
    return back(request, otherwise=reverse("crm:tasks"))


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def task_new(request: HttpRequest) -> HttpResponse:
    allowed = Customer.objects.allowed(request.user, "customers.edit")
    about = number_in(request.GET.get("customer", ""))
    customer = None if about is None else allowed.get_or_404(about)
    form = TaskForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        Task.plan(**form.cleaned_data, by=request.user, customer=customer)
        toast(request, _("Task “%(title)s” is set.") % {"title": form.cleaned_data["title"]})
        return redirect(customer) if customer else redirect("crm:tasks")
    status = 422 if request.method == "POST" else 200
    return render(request, "crm/tasks/new.html", {"form": form, "customer": customer}, status=status)


@require_POST
@right("customers.edit")
def task_done(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.edit")
    task = get_object_or_404(Task, pk=pk)
    if task.finish(actor=request.user.actor):
        toast(request, _("“%(title)s” is done.") % {"title": task.title}, undo=reverse("crm:task_open", args=[pk]))
    return HttpResponse("") if request.htmx else back(request, otherwise=reverse("crm:tasks"))


@require_POST
@right("customers.edit")
def task_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes "done" back."""
    Customer.objects.allowed(request.user, "customers.edit")
    task = get_object_or_404(Task, pk=pk)
    if task.reopen(actor=request.user.actor):
        toast(request, _("“%(title)s” is open again.") % {"title": task.title})
    return back(request, otherwise=reverse("crm:tasks"))
