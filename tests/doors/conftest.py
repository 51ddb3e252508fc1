import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.doors.checkout import Checkout, Site


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Where only its owner can reach it: as root, the database's user cannot. Each test leaves it stopped."""
    checkout = Checkout(tmp_path_factory.mktemp("checkout"))
    yield checkout
    checkout.remove()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """One site for the tests that leave it running."""
    with _reachable() as checkout:
        site = checkout.start().wait_until_open()
        yield site
        site.stop()


@pytest.fixture
def reachable_checkout() -> Iterator[Checkout]:
    with _reachable() as checkout:
        yield checkout


@contextmanager
def _reachable() -> Iterator[Checkout]:
    """Where everybody can reach it, like /srv."""
    with tempfile.TemporaryDirectory(prefix="regulars-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        checkout = Checkout(Path(folder))
        try:
            yield checkout
        finally:
            checkout.remove()
