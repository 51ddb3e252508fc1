import pytest
from django.test import RequestFactory

from shop.addresses import client_address, is_local


def seen(remote, forwarded=""):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=remote, **headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "198.51.100.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (2, "1.2.3.4, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.7"),
        (1, "nonsense\x00", "unknown"),
    ],
)
def test_only_what_our_own_proxies_added_is_believed(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies

    assert client_address(seen("198.51.100.7", forwarded)) == address


def test_the_addresses_of_one_household_count_as_one():
    assert client_address(seen("2001:db8:1:2:3::4")) == client_address(seen("2001:db8:1:2::9"))
    assert client_address(seen("2001:db8:1:3::9")) != client_address(seen("2001:db8:1:2::9"))
    assert client_address(seen("::ffff:198.51.100.7")) == "198.51.100.7"


def test_behind_a_proxy_nobody_is_local(settings):
    assert is_local(seen("127.0.0.1"))
    assert not is_local(seen("127.0.0.1", "203.0.113.9"))
    assert not is_local(seen(""))

    settings.TRUSTED_PROXIES = 1

    assert not is_local(seen("127.0.0.1"))
