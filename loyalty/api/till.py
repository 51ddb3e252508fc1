"""The till, for programs: what a basket costs, putting it aside, paid or not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.inputs import NoInput
from crm.models.incoming import OrderDiffers
from loyalty.api import shapes, shown
from loyalty.api.inputs import CommitInput, HoldInput, QuoteInput
from loyalty.discounts import entering
from loyalty.models import Checkout
from loyalty.models.budget import BudgetEmpty
from loyalty.models.redemption import NotAvailable
from loyalty.points.errors import NotEnoughPoints
from loyalty.till.asked import Asked
from loyalty.till.ending import CheckoutIsOver, TooManyPoints
from loyalty.till.holding import AlreadyPaid, PriceChanged, put_aside, sell
from loyalty.till.quoting import quote, unknown
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView, Command

OF_A_BASKET = ("not_enough_points", "price_changed", "already_paid", "discount_contended", "order_differs")


class QuoteList(ApiView):
    """Writes nothing, so it needs no Idempotency-Key."""

    right = "till.use"
    told = {
        "POST": Told(
            "Quote a basket",
            "What it costs and earns. Writes nothing. Lines and shipping add up to the total, always.",
            shapes.QUOTE,
            body=QuoteInput,
            refusals=("too_many_codes",),
        )
    }

    def post(self, request: Request) -> Response:
        told = QuoteInput(data=request.data)
        told.is_valid(raise_exception=True)
        asked = told.asked()
        look_at_codes(asked, self.key.actor)
        quoted = quote(asked)
        entering.count(self.key.actor, asked.buyer, quoted.unknown_codes)
        return Response(shown.quote(quoted))


def look_at_codes(asked: Asked, actor: str) -> None:
    """Nobody finds a code by trying many."""
    if not asked.codes:
        return
    try:
        entering.look(actor, asked.buyer)
    except entering.TooManyTries as error:
        detail = _("Too many wrong codes. Wait a while.")
        raise Refused("too_many_codes", detail, status=429, retry_after=error.retry_after) from error


class HoldList(Command):
    right = "till.use"
    told = {
        "POST": Told(
            "Put a basket aside",
            "Points and discounts together or not at all, for 30 minutes. The same order again is the same hold"
            " (`200`).",
            shapes.CHECKOUT,
            body=HoldInput,
            status=(200, 201),
            refusals=("too_many_codes", *OF_A_BASKET),
        )
    }

    asked: Asked | None = None

    def post(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Wrong codes are counted beside the transaction: a price that is refused tells of them too."""
        answer = super().post(request, **kwargs)
        if self.asked and self.asked.codes:
            entering.count(self.key.actor, self.asked.buyer, unknown(self.asked.codes))
        return answer

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.take(request, put_aside)

    def take(self, request: Request, verb: Callable[..., tuple[Checkout, bool]]) -> Response:
        told = HoldInput(data=request.data)
        told.is_valid(raise_exception=True)
        asked = told.asked()
        look_at_codes(asked, self.key.actor)
        self.asked = asked
        with refusing():
            checkout, new = verb(asked, total=told.validated_data["total"], actor=self.key.actor)
        return Response(shown.checkout(checkout), status=201 if new else 200)


class SaleList(HoldList):
    """Put aside and paid in one: for a till that takes the money before it asks."""

    told = {
        "POST": Told(
            "Sell a basket",
            "Put aside and paid in one; the same sale again is the same (`200`).",
            shapes.CHECKOUT,
            body=HoldInput,
            status=(200, 201),
            refusals=("too_many_codes", *OF_A_BASKET),
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.take(request, sell)


@contextmanager
def refusing() -> Iterator[None]:
    """What the verbs of a basket raise, worded."""
    try:
        yield
    except NotEnoughPoints as error:
        detail = _("So many points are not there.")
        raise Refused("not_enough_points", detail, needed=error.needed, available=error.available) from error
    except PriceChanged as error:
        detail = _("It is not the price that was quoted.")
        raise Refused("price_changed", detail, quote=shown.quote(error.quote)) from error
    except AlreadyPaid as error:
        detail = _("The order of this reference is paid, and it was another basket.")
        raise Refused("already_paid", detail, hold=error.checkout.pk) from error
    except (NotAvailable, BudgetEmpty) as error:
        detail = _("Too many use the same discount at this moment.")
        raise Refused("discount_contended", detail, retry_after=1) from error
    except TooManyPoints as error:
        detail = _("More points than are put aside.")
        raise Refused("too_many_points", detail, held=error.held) from error
    except OrderDiffers as error:
        detail = _("There is an order of this source and reference, and it says something else.")
        raise Refused("order_differs", detail, fields=error.fields) from error


class HoldDetail(ApiView):
    right = "till.use"
    told = {"GET": Told("Get a hold", "As it was quoted, and where it is now.", shapes.CHECKOUT)}

    def get(self, request: Request, pk: int) -> Response:
        return Response(shown.checkout(find(pk)))


class Commit(Command):
    right = "till.use"
    told = {
        "POST": Told(
            "Commit a hold",
            "It was paid: the order is made, or completed. `points` spends fewer than were put aside.",
            shapes.CHECKOUT,
            body=CommitInput,
            refusals=("too_many_points", "hold_is_over", *OF_A_BASKET),
        )
    }

    def act(self, request: Request, pk: int) -> Response:
        told = CommitInput(data=request.data)
        told.is_valid(raise_exception=True)
        checkout = Checkout.locked(pk)
        if checkout is None:
            raise Http404
        try:
            with refusing():
                checkout.commit_locked(points=told.validated_data["points"], actor=self.key.actor)
        except CheckoutIsOver as error:
            raise over(error) from error
        return Response(shown.checkout(checkout))


class Void(Command):
    right = "till.use"
    told = {
        "POST": Told(
            "Void a hold",
            "Not paid: everything back at once.",
            shapes.CHECKOUT,
            body=NoInput,
            refusals=("hold_is_over",),
        )
    }

    def act(self, request: Request, pk: int) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        checkout = find(pk)
        try:
            checkout.void()
        except CheckoutIsOver as error:
            raise over(error) from error
        return Response(shown.checkout(checkout))


def over(error: CheckoutIsOver) -> Refused:
    return Refused("hold_is_over", _("It has ended already."), state=error.state)


def find(pk: int) -> Checkout:
    checkout = Checkout.objects.select_related("customer", "hold__account").filter(pk=pk).first()
    if checkout is None:
        raise Http404
    return checkout
