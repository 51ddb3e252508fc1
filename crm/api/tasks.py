"""Tasks that another program sets for the staff."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.fields import Strict
from crm.api.inputs import NoInput
from crm.api.naming import CustomerField
from crm.api.pages import PAGED, page_of, query
from crm.models import Customer, Task
from shop.api.told import Told
from shop.api.views import ApiView, Command
from shop.models import User


class TaskInput(Strict):
    example = {"title": "Ring back", "due_on": "2026-03-31", "owner": "sam@shop.example", "customer": 7}
    says = {"owner": "The e-mail of one of the staff."}
    title = serializers.CharField(max_length=200)
    due_on = serializers.DateField()
    owner = serializers.EmailField()
    customer = CustomerField(required=False, allow_null=True, default=None)

    def validate_owner(self, email: str) -> User:
        owner = User.objects.active().filter(email=User.objects.normalize_email(email)).first()
        if owner is None:
            raise serializers.ValidationError(_("Nobody of the staff has this e-mail."))
        return owner


class TaskList(Command):
    right = "customers.edit"
    told = {
        "GET": Told(
            "List tasks",
            "The open ones.",
            list_of=shapes.TASK,
            query={"customer": "About this customer only: a number, or `source:number`."},
        ),
        "POST": Told("Set a task", "For one of the staff.", shapes.TASK, body=TaskInput, status=(201,), missing=True),
    }

    def get(self, request: Request) -> Response:
        """The open ones."""
        rows, asked = Task.objects.open().select_related("owner"), query(request, "customer", *PAGED)
        if "customer" in asked:
            rows = rows.filter(customer=asked["customer"])
        return Response(page_of(rows, asked, shown))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        told = TaskInput(data=request.data)
        told.is_valid(raise_exception=True)
        values = dict(told.validated_data)
        if values["customer"]:
            values["customer"] = Customer.objects.get_or_404(values["customer"])
        task = Task.plan(**values, by=None, actor=self.key.actor)
        return Response(shown(task), status=201)


class TaskDetail(ApiView):
    right = "customers.edit"
    told = {"GET": Told("Get a task", "Also one that is done.", shapes.TASK)}

    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(find(pk)))


class TaskDone(Command):
    right = "customers.edit"
    key_required = False  # twice is the same as once
    told = {"POST": Told("Finish a task", "Twice is once.", shapes.TASK, body=NoInput)}

    def act(self, request: Request, pk: int) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        task = find(pk)
        task.finish(actor=self.key.actor)
        task.refresh_from_db()
        return Response(shown(task))


def find(pk: int) -> Task:
    task = Task.objects.select_related("owner").filter(pk=pk).first()
    if task is None:
        raise Http404
    return task


def shown(task: Task) -> dict[str, Any]:
    return {
        "id": task.pk,
        "title": task.title,
        "due_on": task.due_on.isoformat(),
        "owner": task.owner.email,
        "customer": task.customer_id,
        "done_at": task.done_at and task.done_at.isoformat(),
    }
