"""Tasks that another program sets for the staff."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.fields import Strict
from crm.api.inputs import NoInput
from crm.api.pages import page_of, query
from crm.models import Customer, Task
from shop.api.views import Command
from shop.models import User


class TaskInput(Strict):
    title = serializers.CharField(max_length=200)
    due_on = serializers.DateField()
    owner = serializers.EmailField()
    customer = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**53)

    def validate_owner(self, email: str) -> User:
        owner = User.objects.active().filter(email=User.objects.normalize_email(email)).first()
        if owner is None:
            raise serializers.ValidationError(_("Nobody of the staff has this e-mail."))
        return owner


class TaskList(Command):
    right = "customers.edit"

    def get(self, request: Request) -> Response:
        """The open ones."""
        rows, asked = Task.objects.open().select_related("owner"), query(request, "customer", "after")
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


class TaskDone(Command):
    right = "customers.edit"
    key_required = False  # twice is the same as once

    def act(self, request: Request, pk: int) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        task = Task.objects.select_related("owner").filter(pk=pk).first()
        if task is None:
            raise Http404
        task.finish(actor=self.key.actor)
        task.refresh_from_db()
        return Response(shown(task))


def shown(task: Task) -> dict[str, Any]:
    return {
        "id": task.pk,
        "title": task.title,
        "due_on": task.due_on.isoformat(),
        "owner": task.owner.email,
        "customer": task.customer_id,
        "done_at": task.done_at and task.done_at.isoformat(),
    }
