"""From the customer's own card to the form."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import translation

from crm.models import CustomerToken
from crm.views.me import from_a_mail, from_our_page, no_such_link, page
from feedback.answering import tokens
from feedback.answering.me import open_invitations
from feedback.models.invitation import Channel
from shop.access import public


@public
@page
@from_a_mail(CustomerToken.Purpose.ME_OPEN)
def me_answer(request: HttpRequest, token: CustomerToken) -> HttpResponse:
    """POST opens the form of one of their invitations."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    from_our_page(request)
    customer = token.customer.meant
    chosen = request.POST.get("invitation", "")
    asked = next((one for one in open_invitations(customer) if str(one.pk) == chosen), None)
    if asked is None or customer.erased_at:
        return no_such_link(request)
    said = {"lang": translation.get_language(), "way": Channel.ME.value}
    return HttpResponseRedirect(tokens.form_url(tokens.issue(asked), whole=False, **said), status=303)
