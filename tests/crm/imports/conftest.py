import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from crm.imports import running
from crm.models import Import

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


@pytest.fixture
def bring(db: None) -> Callable[[Path], Import]:
    """Read and apply a file, as the command does."""

    def bring(path: Path, **mapping: str) -> Import:
        order_import = running.begin(path, name=path.name, source="shop", owns_file=False)
        order_import.mapping.update(mapping)
        running.read(order_import)
        running.apply(order_import)
        return order_import

    return bring
