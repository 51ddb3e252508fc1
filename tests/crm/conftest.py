import pytest
from django.test import Client


@pytest.fixture
def as_sam(client: Client, sam) -> Client:
    """The browser of somebody in support."""
    client.force_login(sam)
    return client


@pytest.fixture
def as_mira(client: Client, mira) -> Client:
    client.force_login(mira)
    return client
