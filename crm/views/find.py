"""What the command box finds: people by anything they say, and their orders."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from crm.models import Customer
from crm.segments.search import find as find_people
from shop.access import right

LONGEST = 200


@require_GET
@right("customers.view")
def find(request: HttpRequest) -> HttpResponse:
    customers = Customer.objects.allowed(request.user, "customers.view")
    q = request.GET.get("q", "")[:LONGEST].strip()
    if not request.htmx:  # opened as a page: the list searches as well and is one
        return redirect(f"{reverse('crm:customers')}?{urlencode({'q': q})}")
    found = find_people(q)
    people = customers.only("given_name", "name", "city").in_bulk([one.customer_id for one in found])
    rows = [(people[one.customer_id], one) for one in found if one.customer_id in people]
    context = {"q": q, "rows": rows, "may_edit": request.user.may("customers.edit")}
    return render(request, "crm/_found.html", context)
