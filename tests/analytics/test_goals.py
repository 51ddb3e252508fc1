"""Goals: set, shown beside the way expected, on track or not, ended."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from analytics import recompute
from analytics.metrics import asking
from analytics.metrics.asking import Question
from analytics.models import Generation, Goal
from analytics.reports.goals import last_month, note, progress_of
from crm.models import Event
from shop.models import Setting
from tests.analytics.shops import AS_OF, random_shop

DUE = AS_OF + timedelta(days=200)


@pytest.fixture(scope="module")
def figures(module_db):
    Setting.put("analytics.active_days", 60)
    random_shop(90)
    with time_machine.travel(AS_OF, tick=False):
        return recompute.full(AS_OF).pk


@pytest.fixture
def shop(figures, db):
    with time_machine.travel(AS_OF, tick=False):
        yield Generation.objects.get(pk=figures)


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


def typed(**changes):
    return {"metric": "retention", "group": "", "start_value": "", "target": "88", "due_on": DUE.isoformat(), **changes}


def made(mira, **changes):
    values = {"metric": "retention", "start_value": 0.5, "target": 0.9, "begins_on": AS_OF - timedelta(days=100)}
    return Goal.objects.create(**{**values, "due_on": AS_OF + timedelta(days=100), "made_by": mira, **changes})


def test_a_goal_begins_with_what_the_last_complete_month_has(manager, mira, shop):
    response = manager.post(reverse("analytics:goal_new"), typed())

    goal = Goal.objects.get()
    window = asking.sums(shop, [Question(last_month(shop))])[0].window
    assert response.status_code == 302
    assert (goal.start_value, goal.target, goal.made_by) == (window.kept / window.start, 0.88, mira)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": ""},
        {"target": "nan"},
        {"target": "-1"},
        {"target": "100000"},
        {"metric": "moon"},
        {"group": "tier-9"},
        {"due_on": "2020-01-01"},
        {"due_on": "2999-01-01"},
        {"start_value": "88"},
        {"metric": "nrr"},
    ],
)
def test_what_cannot_be_a_goal_is_said_and_nothing_is_set(manager, shop, wrong):
    response = manager.post(reverse("analytics:goal_new"), typed(**wrong))

    assert response.status_code == 422
    assert not Goal.objects.exists()


def test_the_path_is_straight_and_stays_at_the_target():
    goal = Goal(start_value=0.8, target=0.9, begins_on=date(2026, 1, 1), due_on=date(2026, 1, 11))

    days = (date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 6), date(2026, 1, 11), date(2026, 3, 1))
    assert [round(goal.expected(day), 3) for day in days] == [0.8, 0.8, 0.85, 0.9, 0.9]


@pytest.mark.parametrize(
    ("start", "target", "state"),
    [(0.1, 0.2, "met"), (0.01, 0.999, "on_track"), (0.98, 0.999, "behind"), (0.999, 0.001, "behind")],
)
def test_on_track_or_not(mira, shop, start, target, state):
    goal = made(mira, start_value=start, target=target)

    assert progress_of([goal], shop)[0].state == state


def test_below_the_path_within_the_interval_cannot_be_told(mira, shop):
    window = asking.sums(shop, [Question(last_month(shop))])[0].window
    here = window.kept / window.start
    goal = made(mira, start_value=here + 0.005, target=here + 0.02, begins_on=last_month(shop).first)

    assert progress_of([goal], shop)[0].state == "cannot_tell"


def test_a_goal_is_changed_ended_and_taken_up_again(manager, mira, shop):
    goal = made(mira)
    page = reverse("analytics:goal", args=[goal.pk])

    manager.post(page, typed(start_value="50", target="70", group="cohort-2025"))
    goal.refresh_from_db()
    manager.post(reverse("analytics:goal_end", args=[goal.pk]))
    ended = Goal.objects.running().count()
    manager.post(reverse("analytics:goal_end", args=[goal.pk]))

    assert manager.get(page).status_code == 200
    assert (goal.target, ended, Goal.objects.running().count()) == (0.7, 0, 1)


def test_pages_show_goals_their_chart_and_its_file(manager, mira, shop):
    goal = made(mira)
    lost = made(mira, group="tier-99")

    for name, args in (("goals", []), ("goal", [goal.pk]), ("goal", [lost.pk]), ("retention", []), ("goal_new", [])):
        response = manager.get(reverse(f"analytics:{name}", args=args))
        assert response.status_code == 200
    assert "Expected path" in manager.get(reverse("analytics:goal_csv", args=[goal.pk])).content.decode()
    assert manager.get(reverse("analytics:goal_csv", args=[lost.pk])).status_code == 404
    assert "Its group is gone" in manager.get(reverse("analytics:goals")).content.decode()


def test_before_the_first_figures_there_is_nothing_to_aim_from(manager, mira, db):
    goal = made(mira)

    assert "No goals yet" in manager.get(reverse("analytics:goals")).content.decode()
    assert manager.get(reverse("analytics:goal", args=[goal.pk])).status_code == 200
    assert manager.post(reverse("analytics:goal_new"), typed()).status_code == 422
    assert Generation.objects.current() is None


def kinds():
    return list(Event.objects.filter(kind__startswith="goal.").order_by("pk").values_list("kind", flat=True))


def test_what_is_done_to_a_goal_is_told_and_that_it_was_reached_once(manager, mira, shop):
    manager.post(reverse("analytics:goal_new"), typed(start_value="1", target="2"))
    goal = Goal.objects.get()

    note([goal], shop)
    manager.post(reverse("analytics:goal", args=[goal.pk]), typed(start_value="1", target="3"))
    for _ in range(2):
        manager.post(reverse("analytics:goal_end", args=[goal.pk]))

    assert kinds() == ["goal.set", "goal.changed", "goal.ended", "goal.resumed"]
    begun = AS_OF - timedelta(days=100)
    Goal.objects.update(begins_on=begun)
    for _ in range(2):
        note(list(Goal.objects.all()), shop)
    assert kinds()[4:] == ["goal.reached"]
    assert Event.objects.filter(kind="goal.reached").get().data["metric"] == "retention"


def test_today_says_in_one_line_how_each_goal_stands(manager, mira, shop):
    note([made(mira, start_value=0.01, target=0.999)], shop)

    body = " ".join(manager.get(reverse("crm:today")).content.decode().split())

    assert "Retention" in body
    assert "99.9% by" in body
    assert "On track" in body
    assert "in May 2026" in body
