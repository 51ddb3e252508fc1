"""The customer's own card: opened once by a link, nothing changes by looking, every room shows its part."""

import gzip
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.contact import links
from crm.models import CustomerToken, Message
from loyalty.discounts import codes
from loyalty.discounts.buyer import Buyer
from loyalty.models import Account, Challenge, Progress, Reward, Standing, Tier
from loyalty.programme.referrals import code_of
from loyalty.programme.rewards import offer
from loyalty.programme.tiers import look
from shop.assets import joined
from shop.models import Setting
from tests import build
from tests.loyalty.discounts.making import basket, discount, grant, hold
from tests.loyalty.programme.making import scheme
from tests.loyalty.till.making import days, points, rule


def opened(client, customer):
    link = links.card(customer, "ana@people.example").partition("/me/")[2]
    return client.post(f"/me/{link}").headers["Location"]


def test_the_link_shows_one_button_and_opens_the_card_once(client, ana):
    address = "/me/" + links.card(ana, "ana@people.example").partition("/me/")[2]

    looked = [client.get(address).status_code for _ in range(2)]
    used = client.post(address)
    again = client.post(address)

    assert looked == [200, 200]
    assert (used.status_code, client.get(used.headers["Location"]).status_code) == (303, 200)
    assert (again.status_code, client.get(address).status_code) == (404, 404)


def test_the_card_closes_after_half_an_hour(client, ana):
    address = opened(client, ana)

    CustomerToken.objects.update(expires_at=timezone.now())

    assert client.get(address).status_code == 404


def test_points_discounts_tier_and_code_are_on_it(client, ana):
    points(ana, 1240)
    points(ana, 61, available_at=days(10))
    grant(ana, discount(minimum=20, maximum=8), code="TW4K9PXM7QH")
    challenge = Challenge.objects.create(name="Three orders", target=3, starts_on=timezone.localdate())
    Progress.objects.create(
        challenge=challenge, customer=ana, counted=2, began_on=timezone.localdate(), ends_on=timezone.localdate()
    )

    html = client.get(opened(client, ana)).content.decode()

    assert "1,240 <small>points</small>" in html
    assert "£12.40" in html
    assert "61 points cannot be used yet" in html
    assert "TW4K-9PXM-7QH" in html
    assert "10% off the order" in html
    assert "At most £8.00 off." in html
    assert ana.card_number in html
    assert "2 of 3" in html
    assert html.count('class="pass__code"') == 2


def test_a_challenge_that_was_met_counts_no_further(client, ana):
    today = timezone.localdate()
    challenge = Challenge.objects.create(name="Three orders", target=3, starts_on=today)
    Progress.objects.create(
        challenge=challenge, customer=ana, counted=24, began_on=today, ends_on=today, reached_at=timezone.now()
    )

    html = client.get(opened(client, ana)).content.decode()

    assert "3 of 3" in html
    assert "24" not in html.partition("Three orders")[2].partition("</li>")[0]


def test_a_code_to_pass_on_is_shown_when_inviting_brings_something(client, ana):
    code = code_of(ana).upper()
    assert code not in client.get(opened(client, ana)).content.decode()

    rule(referral_inviter=200, referral_invited=1)

    html = client.get(opened(client, ana)).content.decode()
    assert code in html
    assert "brings you 200 points" in html
    assert "They get 1 point too." in html


def test_a_number_that_the_shop_brought_goes_before_ours(client, ana):
    ours = ana.card_number
    build.identifier(ana, "card", "R-23150")

    html = client.get(opened(client, ana)).content.decode()

    assert "R-23150" in html
    assert ours not in html


@pytest.mark.parametrize("language", ["en", "ru", "uk", "pl"])
def test_it_is_small_and_without_scripts_in_every_language(client, ana, language):
    points(ana, 10)
    grant(ana, code="TW4K9PXM7QH")

    answer = client.get(opened(client, ana).partition("?")[0], {"lang": language})

    assert answer.headers["Content-Language"] == language
    assert b"<script" not in answer.content
    assert len(answer.content) < 20_000
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")


def discounts_on(html):
    return html.partition('id="discounts"')[2].partition("</section>")[0]


def test_a_discount_that_the_till_holds_is_still_theirs_and_nothing_to_show_again(client, ana):
    grant(ana, discount(), code="TW4K9PXM7QH")
    held = hold(basket("50.00"), Buyer(customer_id=ana.pk), "TW4K9PXM7QH")

    at_the_till = discounts_on(client.get(opened(client, ana)).content.decode())
    held[0].void()
    let_go = discounts_on(client.get(opened(client, ana)).content.decode())

    assert "10% off the order" in at_the_till
    assert "It is being used at the till." in at_the_till
    assert "TW4K" not in at_the_till
    assert "TW4K-9PXM-7QH" in let_go
    assert "at the till. If" not in let_go


def test_a_discount_that_was_used_is_gone(client, ana):
    grant(ana, discount(), code="TW4K9PXM7QH", taken=1)

    assert discounts_on(client.get(opened(client, ana)).content.decode()) == ""


def test_what_does_not_fit_on_the_first_view_is_one_tap_away(client, ana):
    of = discount()
    for number in range(12):
        grant(ana, of, code=f"TW4K9PXM{number:03}", expires_at=days(number + 1))
    address = opened(client, ana).partition("?")[0]

    first = discounts_on(client.get(f"{address}?lang=en").content.decode())
    every = discounts_on(client.get(f"{address}?lang=en&discounts=all").content.decode())

    assert first.count("<article") == 8
    assert "?lang=en&amp;discounts=all#discounts" in first
    assert every.count("<article") == 12
    assert "discounts=all" not in every


def test_every_day_on_which_points_end_is_named_the_next_three(client, ana):
    for number in range(1, 6):
        points(ana, number * 10, expires_at=days(number * 30))

    html = client.get(opened(client, ana)).content.decode()

    assert [f"{number}0 points are good until" in html for number in range(1, 6)] == [True] * 3 + [False] * 2


def test_what_points_bring_says_what_is_missing(client, ana):
    scheme()
    points(ana, 300)
    gold = Tier.objects.get(name="Gold")
    for name, fields in {
        "Five off": {"cost": 300},
        "Ten off": {"cost": 301},
        "For gold": {"cost": 100, "tier": gold},
        "Gone": {"cost": 1, "stock": 0},
        "Put away": {"cost": 1, "put_away_at": timezone.now()},
    }.items():
        offer(Reward(name=name, kind="amount", amount=5, **fields))

    html = client.get(opened(client, ana)).content.decode().partition("What my points bring")[2]
    rows = {name: html.partition(f"<span>{name}</span>")[2].partition("</li>")[0] for name in ("Five off", "Ten off")}

    assert "You can have it now: say so at the till." in rows["Five off"]
    assert "1 point is missing." in rows["Ten off"]
    assert "It needs a higher tier." in html.partition("<span>For gold</span>")[2].partition("</li>")[0]
    assert "Gone" not in html
    assert "Put away" not in html


def test_a_tier_that_is_about_to_end_says_what_keeps_it(client, ana):
    ladder = scheme()
    today = timezone.localdate()
    silver, gold = (Tier.objects.get(name=name) for name in ("Silver", "Gold"))
    Standing.objects.create(
        customer=ana, tier=silver, next_tier=gold, since=today, kept_until=today, at_risk_on=today, as_of=today,
        counted=40, to_keep=60, to_next=260,
    )  # fmt: skip

    html = client.get(opened(client, ana)).content.decode()

    assert "£260.00 more to Gold" in html
    assert "and you stay Silver" in html.partition("£60.00 more until")[2]
    assert ladder.pk


@pytest.fixture
def programme(db):
    rule(referral_inviter=200, referral_invited=100)
    return scheme()


def a_full_card(customer, many):
    order = build.order(customer)
    survey = build.survey()
    of = discount(minimum=20, maximum=8)
    for number in range(many):
        points(customer, 10 + number, expires_at=days(number + 1))
        grant(customer, of, code=codes.new(), expires_at=days(number + 1))
        offer(Reward(name=f"Reward number {number}", text="A word about it.", kind="amount", amount=5, cost=number + 1))
        build.complaint(customer, kind="delivery", order=order)
        build.invitation(customer, survey, cause=f"many:{number}", due_at=days(-1))
    code_of(customer)
    look([customer.pk])


def test_a_card_with_much_asks_the_database_as_often_as_one_with_little(client, ana, ben, programme):
    counts = []
    for customer, many in ((ana, 1), (ben, 50)):
        a_full_card(customer, many)
        address = opened(client, customer)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert counts[1] <= 12


def styles():
    """As collectstatic joins them; served packed at least this well."""
    static = Path(settings.BASE_DIR) / "static"
    storage = StaticFilesStorage(location=static)
    names = [str(path.relative_to(static)) for path in static.rglob("*.css")]
    return joined({name: (storage, name) for name in names}, "css/customer.css")[0].encode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_whole_first_view_of_a_full_card_is_under_20_kb(client, ana, programme, language):
    ana.given_name = ana.family_name = "Wilhelmina Konstantynopolitańczykowianeczka"
    ana.save()
    a_full_card(ana, 50)
    Setting.put("shop.web_address", "https://shop.example/tea", by=None)
    address = opened(client, ana).partition("?")[0]

    page = client.get(f"{address}?lang={language}", headers={"Accept-Encoding": "gzip, deflate, br"})
    icon = (Path(settings.BASE_DIR) / "static/img/mark.svg").read_bytes()

    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    assert gzip.decompress(page.content).count(b"<article") == 8
    assert len(page.content) + len(gzip.compress(styles())) + len(icon) < 20_000


def test_points_that_wait_for_a_payment_or_are_owed_are_told_of(client, ana, ben):
    account = points(ana, 300)
    account.hold(120, reference="1001", key="held")
    order = build.order(ben, "50.00")
    Account.of(ben).earn(50, reason="order", key="o", order=order)
    Account.of(ben).spend(50, reason="reward", key="s")
    Account.of(ben).take_back_earned(order, 0, key="b")

    held = client.get(opened(client, ana)).content.decode()
    owed = client.get(opened(client, ben)).content.decode()

    assert "180 <small>points</small>" in held
    assert "120 points are put aside" in held
    assert "50 points are owed; the next ones pay them." in owed


def test_who_is_new_has_a_card_too(client, cleo):
    html = client.get(opened(client, cleo)).content.decode()

    assert "0 <small>points</small>" in html
    assert "My discounts" not in html


def test_what_is_given_to_nobody_yet_is_not_shown(client, ana):
    grant(ana, discount("Waits"), pending_until=days(1))
    grant(ana, discount("Over"), expires_at=days(-1))

    assert "My discounts" not in client.get(opened(client, ana)).content.decode()


def test_the_link_can_be_asked_for_from_the_preferences_once_in_some_minutes(client, ana):
    with time_machine.travel("2026-03-10 12:00:00+00:00", tick=False):
        address = "/me/" + links.preferences(ana, "ana@people.example").partition("/me/")[2]
        answers = [client.post(f"{address}card/") for _ in range(3)]
        said = client.get(answers[0].headers["Location"]).content.decode()

    assert [answer.status_code for answer in answers] == [303] * 3
    assert Message.objects.filter(template="card_link", customer=ana).count() == 1
    assert "A mail with a link comes to you" in said


def test_staff_send_it_from_the_card(as_support, ana):
    page = reverse("crm:customer_card_link", args=[ana.pk])

    assert as_support.get(page).status_code == 200
    assert as_support.post(page).status_code == 302
    assert Message.objects.filter(template="card_link", customer=ana).exists()


def test_all_movements_can_be_read_page_by_page(client, ana):
    for number in range(1, 41):
        points(ana, number)
    address, seen = opened(client, ana), []

    page = client.get(address)
    while True:
        html = page.content.decode()
        assert len(html) < 20_000
        panel = next(panel.context for panel in page.context["panels"] if "_points.html" in panel.template)
        seen += [entry.points for entry, _reason in panel["rows"]]
        if not panel["older"]:
            break
        assert f"?lang=en&amp;before={panel['older']}#points" in html
        page = client.get(f"{address.partition('?')[0]}?lang=en&before={panel['older']}")

    assert seen == list(range(40, 0, -1))


def test_with_the_address_of_the_web_shop_the_code_is_a_link_that_can_be_scanned(client, ana):
    rule(referral_inviter=200)
    code = code_of(ana)
    address = opened(client, ana)
    without = client.get(address).content.decode()
    Setting.put("shop.web_address", "https://shop.example/tea", by=None)
    with_it = client.get(address).content.decode()

    link = f"https://shop.example/tea?ref={code}"
    assert link not in without
    assert code.upper() in without
    assert f'<a class="offer__link" href="{link}">{link}</a>' in with_it
    assert with_it.count(link) == 2
    assert with_it.count("My link as a picture") == without.count("My link as a picture") + 1
