"""A flag has a life: raised, taken on, contacted or given an offer, and an end that somebody or something gave it."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from analytics.models import Flag, Generation, Scores
from analytics.reactions import count_as_contacted, count_as_offered
from analytics.reports import next_step
from analytics.risk import counting, flagging, telling
from analytics.risk.lists import RiskList
from analytics.risk.outcomes import Outcomes
from analytics.tasks import release_flags, request_release
from crm.models import ChangeSet, Event, Note
from shop.models import Job, Setting
from tests import build
from tests.analytics.standing import silent

pytestmark = pytest.mark.django_db


def silent_one(customer, *, last=200, since=10, at_stake=100):
    return silent(
        customer, last=last, since=since, at_stake=at_stake, orders=4, net=400, average_order=100, last_spend=100,
        usual_gap=40, p_alive=0.4,
    )  # fmt: skip


def generation(**more):
    day = timezone.localdate()
    states = {"at_risk": [2, 200_000], "overdue": [0, 0], "likely_lost": [0, 0], "second_due": [0, 0]}
    Generation.objects.filter(is_current=True).update(is_current=False)
    return Generation.objects.create(
        as_of=day, is_current=True, published_at=timezone.now(), customers=1000,
        totals={"states": {day.isoformat(): states}}, curves={"second_after": 30, "second": {}}, **more,
    )  # fmt: skip


@pytest.fixture
def flag(ana):
    scores = silent_one(ana)
    return Flag.objects.create(
        customer=ana, state="at_risk", state_since=scores.at_risk_on, last_on=scores.last_on, silent_days=200,
        usual_days=40, raised_at=timezone.now() - timedelta(days=10),
    )  # fmt: skip


def kinds():
    return list(Event.objects.filter(kind__startswith="risk.").order_by("pk").values_list("kind", flat=True))


def run():
    return flagging.raise_and_clear(generation(), timezone.localdate())


def test_a_conversation_and_an_offer_move_it_on_once(flag, sam):
    Note.log(flag.customer, "call", "Will come by in spring", by=sam)
    Event.record("discount.assigned", customer=flag.customer, discount="Tea week", until=None)

    for _twice in range(2):
        count_as_contacted(list(Event.objects.filter(kind="note.logged")))
        count_as_offered(list(Event.objects.filter(kind="discount.assigned")))

    flag.refresh_from_db()
    assert (flag.contacted_at is not None, flag.stage) == (True, Flag.Stage.OFFERED)
    assert kinds() == ["risk.contacted", "risk.offered"]


def test_what_was_said_before_the_flag_does_not_count(flag, sam):
    Note.log(flag.customer, "call", "Long ago", by=sam)
    Flag.objects.update(raised_at=timezone.now() + timedelta(minutes=1))

    count_as_contacted(list(Event.objects.filter(kind="note.logged")))

    assert kinds() == []


def test_a_dismissed_flag_stays_dismissed_for_the_same_silence(flag):
    flag.dismiss("seasonal", actor="")

    assert run() == 0
    Scores.objects.update(last_on=timezone.localdate() - timedelta(days=50))
    assert run() == 1
    assert kinds()[0] == "risk.dismissed"


def test_it_ends_by_itself_after_the_days_of_the_setting(flag):
    Flag.objects.update(raised_at=timezone.now() - timedelta(days=91))

    run()

    flag.refresh_from_db()
    assert (flag.closed_why, kinds()) == ("expired", ["risk.cleared"])
    assert run() == 0


def test_days_on_which_the_shop_was_closed_are_no_silence(flag, ben):
    silent_one(ben, last=60, since=5)
    today = timezone.localdate()
    first, last = today - timedelta(days=20), today - timedelta(days=11)
    Setting.put("hours.closed", f"{first:%d.%m.%Y}-{last:%d.%m.%Y}")

    assert run() == 0
    Setting.put("hours.closed", "")
    assert run() == 1


def test_an_order_ends_it_as_soon_as_its_figures_are_made(flag):
    from analytics.models import Stale

    Scores.objects.update(last_on=timezone.localdate())
    assert flagging.clear_who_came_back() == 0  # nobody was refreshed

    Stale.mark([flag.customer_id])

    assert flagging.clear_who_came_back() == 1
    flag.refresh_from_db()
    assert flag.closed_why == "purchase"


def test_what_is_held_back_is_told_once_somebody_lets_it_out(ana, ben, mira):
    silent_one(ana), silent_one(ben)
    assert (run(), kinds()) == (2, [])
    assert (run(), kinds()) == (0, [])  # still held back on the next day
    assert Generation.objects.current().flags_held_back == 2

    assert telling.mark_released(mira)
    assert not telling.mark_released(mira)
    assert telling.release(mira, lambda done, total: None) == 2
    assert telling.release(mira, lambda done, total: None) == 0

    assert kinds() == ["risk.released", "risk.raised", "risk.raised"]
    assert Generation.objects.current().flags_released_by == mira


def test_the_job_that_lets_it_out_tells_everybody_once_however_often_it_is_asked_for(ana, ben, mira):
    silent_one(ana), silent_one(ben)
    run()

    for _ in range(2):
        release_flags(request_release(mira).pk)

    assert kinds() == ["risk.released", "risk.raised", "risk.raised"]
    assert [job.result.get("told") for job in Job.objects.order_by("pk")] == [2, 0]


def test_the_list_shows_who_sees_to_it_and_takes_it_back(as_manager, mira, flag, ben):
    silent_one(ben)
    generation()
    page = reverse("analytics:at_risk")
    told = {"pick": [flag.customer_id, ben.pk], "do": "1", "owner": mira.pk, "due_on": "2020-01-02", "back": page}

    answer = as_manager.post(reverse("crm:bulk_new", args=["flag_assign"]), told)
    html = as_manager.get(page).content.decode()
    as_manager.post(reverse("crm:bulk_undo", args=[ChangeSet.objects.get().pk]))

    assert answer.headers["Location"] == page
    assert "2 Jan 2020" in html
    assert "not raised" in html  # ben has no flag
    flag.refresh_from_db()
    assert (flag.owner, flag.due_on, kinds()) == (None, None, ["risk.assigned", "risk.reopened"])


def test_who_is_dismissed_leaves_the_list_and_its_count_wherever_it_is_told(as_manager, flag, ben):
    silent_one(ben)
    made = generation()
    flag.dismiss("false_alarm", actor="")

    page = as_manager.get(reverse("analytics:at_risk"))

    assert [row.customer for row in page.context["rows"]] == [ben]
    assert page.context["list"].count("at_risk") == 1
    assert page.context["list"].at_stake("at_risk") == 100
    assert next_step.of_risk(made).text.startswith("1 customer is at risk today")


def test_another_site_is_no_way_back(as_manager, flag):
    told = {"pick": flag.customer_id, "do": "1", "back": "https://elsewhere.example/"}

    answer = as_manager.post(reverse("crm:bulk_new", args=["flag_contacted"]), told)

    assert answer.headers["Location"] == flag.customer.get_absolute_url()
    flag.refresh_from_db()
    assert flag.contacted_at


def test_facets_find_flags_by_stage_and_by_who_sees_to_them(as_manager, mira, flag, ben):
    Flag.objects.update(owner=mira, contacted_at=timezone.now())

    def found(question):
        html = as_manager.get(f"{reverse('crm:customers')}?{question}").content.decode()
        return str(flag.customer) in html, str(ben) in html

    assert found("flag_state=contacted") == (True, False)
    assert found("flag_state=open") == (False, False)
    assert found("flag_owner=me") == (True, False)
    assert found("flag_state=-") == (False, True)


def test_shares_of_who_came_back_stand_beside_each_reason(flag):
    Flag.objects.update(
        raised_at=timezone.now() - timedelta(days=120), closed_at=timezone.now() - timedelta(days=100),
        closed_why="purchase", low_score=True,
    )  # fmt: skip

    found = Outcomes.of(timezone.now())

    low = next(row for row in found.rows if str(row.label) == "The last score was low")
    assert (found.all.back, found.all.n) == (1, 1)
    assert ((low.given.back, low.given.n), (low.without.n, low.verdict)) == ((1, 1), (0, "unsure"))


def test_programs_read_flags_and_say_what_became_of_them(client, flag):
    headers = {"Authorization": f"Bearer {build.api_key('crm', 'reports.view', 'customers.edit')}"}

    listed = client.get("/api/v1/flags/", headers=headers).json()
    address = f"/api/v1/flags/{flag.pk}/stage/"
    refused = client.post(address, {"to": "dismissed"}, content_type="application/json", headers=headers)
    done = client.post(
        address, {"to": "dismissed", "why": "gone"}, content_type="application/json", headers=headers
    ).json()

    assert [one["stage"] for one in listed["results"]] == ["open"]
    assert refused.status_code == 400
    assert (done["stage"], done["why"], kinds()) == ("dismissed", "gone", ["risk.dismissed"])


def test_the_command_says_the_same_as_the_page(flag, capsys):
    generation()

    call_command("risk", json=True)

    said = json.loads(capsys.readouterr().out)
    assert (said["count"], [one["customer"] for one in said["customers"]]) == (2, [flag.customer_id])


def test_who_was_dismissed_before_the_run_and_since_is_counted_once(flag):
    figures = generation()
    flag.dismiss("seasonal", actor="")
    listed = RiskList(figures, "at_risk", timezone.localdate())
    live = [listed.ended(name) for name in ("likely_lost", "at_risk", "overdue")]

    counting.count(figures)

    kept = RiskList(figures, "at_risk", timezone.localdate())
    assert list(kept.unwatched) == []
    assert [kept.ended(name) for name in ("likely_lost", "at_risk", "overdue")] == live
    assert sum(n for n, _stake in live) == 1


def test_what_became_of_them_is_told_as_counted_after_the_run(as_manager, flag):
    Flag.objects.update(raised_at=timezone.now() - timedelta(days=120))
    counting.count(generation())
    Flag.objects.update(raised_at=timezone.now())

    found = Outcomes.known(timezone.now())

    assert (found.all.back, found.all.n) == (0, 1)
    assert "n = 1" in as_manager.get(reverse("analytics:risk_outcomes")).content.decode()
