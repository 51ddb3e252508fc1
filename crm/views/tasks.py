"""Tasks: mine and everybody's, a new one, done with one click and open again with another."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.forms import TaskForm
from crm.models import Customer, Task
from crm.tasks_due import open_tasks
from shop.access import right
from shop.navigation import back
from shop.toasts import toast


@require_GET
@right("customers.view")
def tasks(request: HttpRequest) -> HttpResponse:
    Customer.objects.allowed(request.user, "customers.view")
    everybody = request.GET.get("whose") == "all"
    context = {
        "tasks": open_tasks(None if everybody else request.user),
        "everybody": everybody,
        "may_edit": request.user.may("customers.edit"),
    }
    return render(request, "crm/tasks/tasks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right("customers.edit")
def task_new(request: HttpRequest) -> HttpResponse:
    allowed = Customer.objects.allowed(request.user, "customers.edit")
    about = request.GET.get("customer", "")
    customer = allowed.get_or_404(int(about)) if about.isascii() and about.isdigit() and len(about) < 18 else None
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
