import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from crm.imports import running
from crm.models import Customer, Import
from tests import build

HEADER = "customer_id,order_id,ordered_at,amount"


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A file with the usual header, or with exactly this content."""

    def write(*rows: str, content: bytes | str | None = None, header: str = HEADER, name: str = "orders.csv") -> Path:
        if content is None:
            content = "\n".join([header, *rows]) + "\n"
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


def bring_in(path: Path, **mapping: str) -> Import:
    """Read and apply a file, as the command does."""
    order_import = running.begin(path, name=path.name, source="shop", owns_file=False)
    order_import.mapping.update(mapping)
    running.read(order_import)
    running.apply(order_import)
    return order_import


@pytest.fixture
def bring(db: None) -> Callable[..., Import]:
    return bring_in


@pytest.fixture
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Path(settings.MEDIA_ROOT) / "imports"


@pytest.fixture
def known(db: None, media: Path) -> Customer:
    """Somebody whose conversations and orders may come in, and the product's own folder for files."""
    customer = build.customer("Known Lis")
    build.identifier(customer, "external", "7", source="shop")
    return customer


@pytest.fixture
def take(known: Customer, tmp_path: Path) -> Callable[..., Import]:
    """Read and apply this text, these bytes or this file as a file of that kind."""

    def take(kind: str, content: str | bytes | Path, **mapping: str) -> Import:
        if kind == "points" and not Customer.objects.filter(given_name="Known", family_name="One").exists():
            for number, name in enumerate(["One", "Two", "Three"], start=1):
                build.identifier(build.customer(f"Known {name}"), "external", f"P-{number}", source="shop")
        path = content if isinstance(content, Path) else tmp_path / "file.csv"
        if not isinstance(content, Path):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        brought = running.begin(path, name=path.name, source="shop", kind=kind, owns_file=False)
        brought.mapping.update(mapping)
        running.read(brought)
        running.apply(brought)
        return brought

    return take
