from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.metrics.next_year import NextYear
from analytics.models import Generation, Scores
from crm.models import Customer
from shop.access import StaffRequest, right


@right("customers.view")
@require_GET
def next_year(request: StaffRequest, pk: int) -> HttpResponse:
    """How sure the forecast of one customer is; fetched by the card when somebody asks."""
    customer = Customer.objects.allowed(request.user, "customers.view").get_or_404(pk)
    scores = Scores.objects.filter(customer=customer).select_related("customer__figures").first()
    generation = Generation.objects.current()
    found = NextYear.of(scores, generation) if scores and generation else None
    return render(request, "analytics/_next_year.html", {"next_year": found})
