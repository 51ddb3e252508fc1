"""PostgreSQL is stopped, killed and restarted while the site runs: it says so kindly, loses nothing, and recovers."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.browser import Browser
from tests.faults.own_postgres import own_postgres
from tests.faults.running import running_site, wait_until
from tests.faults.telling import tell, tell_evenly

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

PASSWORD = "a long enough password"
PAGES = ["/", "/customers/", "/retention/", "/at-risk/", "/import/", "/login/"]
ORDERS, SECONDS = 200, 4
HOW_MANY = "SELECT count(*) FROM crm_order WHERE reference LIKE %s"
FOLLOWED = "SELECT count(*) FROM crm_note"
OPEN = "SELECT count(*) FROM crm_reaction WHERE done_at IS NULL"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    with own_postgres(tmp_path_factory.mktemp("postgres")) as postgres:
        yield postgres


@pytest.fixture(scope="module")
def site(postgres, tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("site"), postgres.url) as site:
        site.key = postgres.manage("create_api_key", "--name", "webshop", "--scope", "orders.add")
        wait_until(lambda: tell(site, site.key, "first")[0] in (201, 409), 300, "the web answers")
        wait_until(lambda: postgres.ask(FOLLOWED) == 1, 300, "the worker works")
        yield site


@pytest.fixture(scope="module")
def ada(postgres, site):
    postgres.manage("create_administrator", "--email=ada@shop.example", "--name=Ada", REGULARS_PASSWORD=PASSWORD)
    browser = Browser(*site.address)
    browser.sign_in("ada@shop.example", PASSWORD)
    return browser


def everything_is_done(postgres):
    return postgres.ask(OPEN) == 0


def test_pages_and_programs_are_told_and_all_goes_on_when_it_is_back(postgres, site, ada):
    followed = postgres.ask(FOLLOWED)

    postgres.stop()
    began = time.monotonic()
    answers = {path: ada.open(path) for path in PAGES}
    told = Browser(*site.address).open("/api/v1/orders/none/")
    order = tell(site, site.key, "refused")[0]
    ready, alive = ada.open("/readyz").status, ada.open("/livez").status
    took = time.monotonic() - began

    refused = {path: (answer.status, answer.headers["Retry-After"]) for path, answer in answers.items()}
    assert refused == dict.fromkeys(PAGES, (503, "5"))
    assert "what was saved is safe" in answers["/"].text
    assert (order, ready, alive) == (503, 503, 200)
    assert told.headers["Content-Type"] == "application/problem+json"
    assert took < 120  # of a busy machine; nobody waits for a database that is known to be away

    postgres.start()
    wait_until(lambda: ada.open("/").status == 200, 300, "the page is back, and she is still signed in")
    wait_until(lambda: tell(site, site.key, "after")[0] == 201, 300, "so is the API, in every process of the web")
    wait_until(lambda: postgres.ask(FOLLOWED) == followed + 1, 300, f"relay and worker are back\n{site.logs()}")
    assert "Traceback" not in site.everything_logged()
    assert "request failed" not in site.everything_logged()


def test_frozen_it_is_as_good_as_away_and_nothing_is_lost(postgres, site, ada):
    """It still takes connections, so only our own patience ends the wait."""
    postgres.freeze()
    try:
        with ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(ada.open, PAGES))
            told = list(pool.map(lambda n: tell(site, site.key, f"frozen-{n}"), range(16)))
    finally:
        postgres.thaw()

    assert [answer.status for answer in pages] == [503] * len(PAGES)
    assert {status for status, _took in told} == {503}
    assert max(took for _status, took in told) < 100  # without our own patience the tellers' 300
    wait_until(lambda: tell(site, site.key, "thawed")[0] == 201, 300, "orders come in again")
    wait_until(lambda: ada.open("/").status == 200, 300, "the page is back")
    wait_until(lambda: everything_is_done(postgres), 300, f"all reactions are done\n{site.logs()}")
    kept = postgres.ask("SELECT count(*) FROM crm_order WHERE reference LIKE 'F-frozen-%%'")
    assert kept == 0  # what was refused was not done behind anybody's back


@pytest.mark.parametrize("goes", ["stop", "kill"])
def test_no_acknowledged_order_is_lost_when_it_restarts_under_load(postgres, site, goes):
    with ThreadPoolExecutor(1) as teller:
        telling = teller.submit(tell_evenly, site, site.key, [f"{goes}-{n}" for n in range(ORDERS)], SECONDS)
        wait_until(lambda: postgres.ask(HOW_MANY, f"F-{goes}-%") > ORDERS / 8, 300, "the orders come in")
        getattr(postgres, goes)()
        postgres.start()

    statuses = [status for status, _took in telling.result()]
    acknowledged = {f"F-{goes}-{n}" for n, status in enumerate(statuses) if status == 201}
    kept = postgres.ask("SELECT array_agg(reference) FROM crm_order WHERE reference LIKE %s", f"F-{goes}-%")
    assert set(statuses) <= {201, 503}
    assert acknowledged <= set(kept)
    assert len(acknowledged) > ORDERS / 4
    wait_until(lambda: everything_is_done(postgres), 300, f"all reactions are done\n{site.logs()}")
    assert postgres.ask(FOLLOWED) == postgres.ask("SELECT count(*) FROM crm_order")
    assert "Traceback" not in site.everything_logged()
