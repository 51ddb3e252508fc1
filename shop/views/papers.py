"""The page about the API: for whoever writes a program for this shop, also without an account here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shop.access import public


@public
@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    from shop.api.page import parts  # what makes them is loaded when somebody asks

    return render(request, "shop/papers.html", {"parts": parts()})
