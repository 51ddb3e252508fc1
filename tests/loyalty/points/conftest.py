from datetime import UTC, datetime
from itertools import count

import pytest

from loyalty.models import Account

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
keys = (f"key-{number}" for number in count(1))


@pytest.fixture
def account(ana):
    """Ana's, as of noon of 2 March 2026."""
    account = Account.of(ana)
    Account.objects.filter(pk=account.pk).update(as_of=NOW)
    account.refresh_from_db()
    return account


def sums(account):
    account.refresh_from_db()
    return account.available, account.pending, account.held, account.debt


def earn(account, points, *, at=NOW, **more):
    return account.earn(points, **{"reason": "bought", "key": next(keys), "at": at, **more})


def spend(account, points, *, at=NOW, **more):
    return account.spend(points, **{"reason": "reward", "key": next(keys), "at": at, **more})
