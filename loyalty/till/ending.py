"""The verbs of a checkout: paid, let go, given more time. Points and discounts end together with it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import transaction
from django.utils import timezone

from loyalty.points.errors import HoldIsOver
from shop.inserting import change

if TYPE_CHECKING:
    from loyalty.models.checkout import Checkout

LONGER = timedelta(minutes=30)


class CheckoutIsOver(Exception):
    """`state`: how it ended."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the checkout is {state}")
        self.state = state


class TooManyPoints(Exception):
    def __init__(self, asked: int, held: int) -> None:
        super().__init__(f"{held} points are held, not {asked}")
        self.asked, self.held = asked, held


class Ending:
    """A checkout whose time is over but that nobody has swept away yet can still be paid."""

    pk: int
    state: str
    points: int
    hold: Any
    expires_at: datetime
    extended_at: datetime | None
    redemptions: Any
    customer: Any
    customer_id: int | None
    _meta: Any
    refresh_from_db: Any
    save: Any
    _default_manager: ClassVar[Any]

    def commit(
        self, *, points: int | None = None, actor: str = "", at: datetime | None = None, order: Any = None
    ) -> bool:
        """The buyer has paid: points are spent, discounts are used, the order is there. False: it was paid before.

        Raises CheckoutIsOver, TooManyPoints, OrderDiffers.
        """
        with transaction.atomic():
            self._lock()
            return self.commit_locked(points=points, actor=actor, at=at, order=order)

    def commit_locked(
        self, *, points: int | None = None, actor: str = "", at: datetime | None = None, order: Any = None
    ) -> bool:
        """The same in the transaction of whoever has locked the row, and takes all back when it is refused."""
        from loyalty.models import WrongState
        from loyalty.till.committing import complete

        if self.state == "paid":
            return False
        if self.state != "held":
            raise CheckoutIsOver(self.state)
        if points is not None and not 0 <= points <= self.points:
            raise TooManyPoints(points, self.points)
        used = self.points if points is None else points
        try:
            complete(cast("Checkout", self), used, actor=actor, at=at or timezone.now(), order=order)
        except (HoldIsOver, WrongState) as error:  # its points or discounts were swept, the basket is next
            raise CheckoutIsOver("expired") from error
        return True

    @transaction.atomic
    def void(self, *, at: datetime | None = None) -> bool:
        """Not paid: points and discounts go back at once. False: it had ended before. Raises CheckoutIsOver."""
        self._lock()
        if self.state == "paid":
            raise CheckoutIsOver(self.state)
        if self.state != "held":
            return False
        self.let_go("voided", at or timezone.now())
        return True

    @transaction.atomic
    def extend(self, *, at: datetime | None = None) -> bool:
        """Once, while a payment is under way. False: it was before, or it has ended."""
        at = at or timezone.now()
        self._lock()
        if self.state != "held" or self.extended_at or self.expires_at <= at:
            return False
        if self.hold:
            self.hold.extend(at=at)
        self.expires_at, self.extended_at = at + LONGER, at
        self.save(update_fields=["expires_at", "extended_at"])
        self.redemptions.filter(state="held").update(expires_at=self.expires_at)
        return True

    def let_go(self, state: str, at: datetime) -> None:
        """The row is locked. What it holds ends as it does."""
        if self.hold:
            self.hold.void(state, at=at)
        self.redemptions.filter(state="held").void_all(at=at)
        self.end(state, at)

    def end(self, state: str, at: datetime, **changes: Any) -> None:
        change(cast("Checkout", self), state=state, ended_at=at, contact={}, **changes)

    def _lock(self) -> None:
        """Its hold never changes, and its customer hardly ever: who has read them does not read them again."""
        seen = self.customer if type(self).customer.is_cached(self) else None
        rows = type(self)._default_manager.select_for_update(of=("self",))
        moving = [field.name for field in self._meta.concrete_fields if field.name not in ("id", "hold")]
        self.refresh_from_db(fields=moving, from_queryset=rows)
        if seen and seen.pk == self.customer_id:
            self.customer = seen
