"""What pages of rewards and challenges have in common: a list with those put away below, one form, putting away."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from loyalty.programme.telling import edited
from shop.toasts import toast

PAGE = 50


def listed(request: HttpRequest, name: str, rows: Iterable[dict[str, Any]]) -> HttpResponse:
    """`name`: of the thing; each row holds one under it."""
    rows = list(rows)
    context = {
        "rows": [row for row in rows if not row[name].put_away_at],
        "away": [row for row in rows if row[name].put_away_at],
        "may_edit": request.user.may("programme.edit"),
    }
    return render(request, f"loyalty/programme/{name}s.html", context)


def edit(
    request: HttpRequest,
    name: str,
    form: Any,
    *,
    behind: Callable[[], dict[str, Any]],
    save: Callable[[Any], Any] = lambda form: form.save(),
) -> HttpResponse:
    """`behind`: what stands under the form."""
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = save(form)
            edited(name, saved.pk, by=request.user)
        toast(request, _("Saved “%(name)s”.") % {"name": saved})
        return redirect(f"loyalty:{name}s")
    found = form.instance if form.instance.pk else None
    context = {"form": form, name: found, "may_edit": request.user.may("programme.edit"), **behind()}
    return render(request, f"loyalty/programme/{name}.html", context, status=422 if form.is_bound else 200)


@transaction.atomic
def put_away(request: HttpRequest, name: str, model: type[Model], pk: int) -> HttpResponse:
    """And brought back. Whoever had it keeps it."""
    found: Any = get_object_or_404(model, pk=pk)
    found.put_away_at = None if found.put_away_at else timezone.now()
    found.save(update_fields=["put_away_at"])
    edited(name, found.pk, by=request.user)
    return redirect(f"loyalty:{name}s")
