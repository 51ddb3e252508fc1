"""The pages of complaints: the list, a new one, one with its steps, and what shows on the card and on Today."""

import pytest
from django.urls import reverse

from crm.complaints.question import SIZE
from crm.models import Complaint, Event, Given, Refund
from tests import build
from tests.crm.complaints.conftest import at


def step(client, complaint, to, **more):
    return client.post(reverse("crm:complaint_stage", args=[complaint.pk]), {"to": to, **more}, follow=True)


def titles(page):
    return [row.title for row, _due in page.context["rows"]]


def test_support_opens_a_complaint_from_the_card_and_owns_it(as_sam, sam, ana):
    told = {"title": "Chipped cake stand", "details": "A chip.", "kind": "goods", "severity": "1", "channel": "call"}
    order = ana.orders.first()

    page = as_sam.post(f"{reverse('crm:complaint_new')}?customer={ana.pk}", {**told, "order": order.pk}, follow=True)

    complaint = Complaint.objects.get()
    assert (complaint.customer, complaint.owner, complaint.order, complaint.severity) == (ana, sam, order, 1)
    assert "Give the customer a first answer." in page.content.decode()


def test_a_complaint_without_words_is_not_opened_and_nothing_typed_is_lost(as_sam, ana):
    page = as_sam.post(f"{reverse('crm:complaint_new')}?customer={ana.pk}", {"title": "", "details": "A chip."})

    assert page.status_code == 422
    assert "A chip." in page.content.decode()
    assert not Complaint.objects.exists()


def test_the_order_of_somebody_else_cannot_be_named(as_sam, ana, ben):
    told = {"title": "x", "kind": "goods", "severity": "1", "channel": "call", "order": ben.orders.first().pk}

    assert as_sam.post(f"{reverse('crm:complaint_new')}?customer={ana.pk}", told).status_code == 422


def test_whoever_complains_is_looked_up_first(as_sam, ana):
    page = as_sam.get(reverse("crm:complaint_new"), {"q": "lindqvist"}).content.decode()

    assert f'href="?customer={ana.pk}"' in page


def test_the_page_leads_through_every_stage(as_sam, sam, ana):
    complaint = build.complaint(ana, owner=sam)
    for to, says in {
        "acknowledged": "Begin to solve it.",
        "in_work": "Solve it, then say how.",
        "solved": "Tell the customer how it was solved.",
        "told": "Close it when nothing more comes.",
        "closed": "Closed",
    }.items():
        page = step(as_sam, complaint, to, cause="Delivered late", outcome="Sent anew.", agreed="no")
        assert says in page.content.decode()

    complaint.refresh_from_db()
    assert (complaint.cause, complaint.outcome, complaint.agreed) == ("Delivered late", "Sent anew.", False)

    page = step(as_sam, complaint, "reopened", why="The next one is broken too.")
    assert "The next one is broken too." in page.content.decode()


def test_a_cause_that_the_shop_does_not_have_is_refused(as_sam, ana):
    page = step(as_sam, build.complaint(ana, stage="in_work"), "solved", cause="Aliens")

    assert page.status_code == 422


def test_who_comes_too_late_is_told_so_in_a_sentence(as_sam, ana):
    complaint = build.complaint(ana, stage="acknowledged")

    assert "Somebody had done that already." in step(as_sam, complaint, "acknowledged").content.decode()
    assert "It has moved on meanwhile" in step(as_sam, complaint, "closed").content.decode()
    assert step(as_sam, complaint, "nowhere").status_code == 400


def test_waiting_for_the_customer_and_going_on(clock, as_sam, ana):
    complaint = build.complaint(ana, stage="acknowledged")

    assert "The deadline stands still" in step(as_sam, complaint, "waiting").content.decode()
    clock.move_to(at("2026-12-09 12:00"))
    assert "Begin to solve it." in step(as_sam, complaint, "resumed").content.decode()


def test_late_ones_stand_first_then_the_next_deadline_then_those_without(clock, as_sam, ana):
    build.complaint(ana, "small", severity=3)
    build.complaint(ana, "told", stage="told")
    build.complaint(ana, "urgent", severity=1)
    build.complaint(ana, "closed", stage="closed")

    assert titles(as_sam.get(reverse("crm:complaints"))) == ["urgent", "small", "told"]
    assert titles(as_sam.get(reverse("crm:complaints"), {"view": "all"})) == ["closed", "urgent", "told", "small"]


def test_the_list_goes_on_where_it_ended(clock, as_sam, ana):
    for number in range(2 * SIZE + 3):
        build.complaint(ana, str(number), severity=1 + number % 3, stage="told" if number % 5 == 0 else "received")

    for view in ("", "all"):
        seen, after = [], ""
        while True:
            page = as_sam.get(f"{reverse('crm:complaints')}?view={view}&{after}")
            seen += titles(page)
            after = page.context["following"]
            if not after:
                break
        assert len(seen) == len(set(seen)) == 2 * SIZE + 3


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"severity": "1"}, {"urgent"}),
        ({"severity": ["1", "3"]}, {"urgent", "small"}),
        ({"kind": "delivery"}, {"small"}),
        ({"stage": "waiting"}, {"asked"}),
        ({"owner": "-"}, {"urgent", "small", "asked"}),
        ({"view": "mine"}, {"mine"}),
        ({"opened": "2026-12"}, {"urgent", "small", "asked", "mine"}),
        ({"opened": "2026-11"}, set()),
        ({"late": "answer"}, {"urgent"}),
        (
            {"late": "nonsense", "owner": "x", "edit": "x", "after": "x_y", "view": "x"},
            {"urgent", "small", "asked", "mine"},
        ),
        ({"after": "9999999999999999_1"}, {"asked"}),
    ],
)
def test_filters_say_which(clock, as_sam, sam, ana, asked, found):
    build.complaint(ana, "urgent", severity=1)
    build.complaint(ana, "small", severity=3, kind="delivery")
    build.complaint(ana, "mine", owner=sam)
    build.complaint(ana, "asked").wait(actor="")
    clock.move_to(at("2026-12-09 13:00"))

    assert set(titles(as_sam.get(reverse("crm:complaints"), asked))) == found


@pytest.mark.parametrize("address", ["crm:complaints", "crm:today", "crm:team"])
def test_a_page_asks_as_often_for_forty_complaints_as_for_one(as_sam, sam, ana, address, django_assert_num_queries):
    build.complaint(ana, owner=sam, severity=1)
    as_sam.get(reverse(address))
    with django_assert_num_queries(16, exact=False) as one:
        as_sam.get(reverse(address))
    for number in range(40):
        build.complaint(build.customer(f"Somebody {number}"), owner=sam, severity=1)

    with django_assert_num_queries(len(one)):
        as_sam.get(reverse(address))


def test_the_page_of_one_asks_as_often_with_a_long_story(as_sam, sam, ana, django_assert_num_queries):
    complaint = build.complaint(ana, owner=sam)
    build.note(ana, complaint=complaint)
    as_sam.get(complaint.get_absolute_url())
    with django_assert_num_queries(22, exact=False) as one:
        as_sam.get(complaint.get_absolute_url())
    for number in range(30):
        build.note(ana, f"Note {number}", complaint=complaint)
        complaint.assign([sam, None][number % 2 == 0], actor="")

    with django_assert_num_queries(len(one)):
        as_sam.get(complaint.get_absolute_url())


def test_a_late_complaint_is_the_heaviest_sentence_of_the_card_and_of_today(clock, as_sam, sam, ana):
    build.task(sam, "Ring back", due_in=-30, customer=ana)
    build.complaint(ana, "Chipped cake stand", owner=sam, severity=1)
    clock.move_to(at("2026-12-09 13:00"))

    card = as_sam.get(ana.get_absolute_url())
    assert card.context["next_step"].text == "Chipped cake stand."
    assert "First answer 1 h late." in card.content.decode()
    today = as_sam.get("/")
    assert today.context["next_step"].text == "Start with Ana Lindqvist."
    assert "nav__count--late" in today.content.decode()


def test_today_shows_mine_that_press_and_not_those_of_others(clock, as_sam, sam, mira, ana):
    build.complaint(ana, "mine today", owner=sam, severity=2)
    build.complaint(ana, "mine next week", owner=sam, severity=3, stage="acknowledged")
    build.complaint(ana, "of Mira", owner=mira, severity=1)

    page = as_sam.get("/").content.decode()

    assert "mine today" in page
    assert "mine next week" not in page
    assert "of Mira" not in page


def test_support_takes_what_nobody_has_but_hands_nothing_over(as_sam, sam, mira, ana):
    complaint = build.complaint(ana)
    address = reverse("crm:complaint_owner", args=[complaint.pk])

    as_sam.post(address, {"owner": mira.pk})
    complaint.refresh_from_db()
    assert complaint.owner is None

    as_sam.post(address, {"owner": sam.pk})
    as_sam.post(address, {"owner": mira.pk})
    complaint.refresh_from_db()
    assert complaint.owner == sam


def test_a_manager_hands_it_over_and_says_how_bad_it_is(as_mira, sam, ana):
    complaint = build.complaint(ana)

    as_mira.post(reverse("crm:complaint_owner", args=[complaint.pk]), {"owner": sam.pk})
    as_mira.post(reverse("crm:complaint_severity", args=[complaint.pk]), {"severity": "1"})

    complaint.refresh_from_db()
    assert (complaint.owner, complaint.severity) == (sam, 1)
    page = as_mira.get(complaint.get_absolute_url()).content.decode()
    assert "→ Sam Ashby" in page
    assert "Urgent now" in page


def test_a_refund_is_named_as_given_for_one_complaint_only(as_sam, ana, ben):
    refund = ana.orders.first().refund(5)
    first, second = build.complaint(ana), build.complaint(ana)
    others = ben.orders.first().refund(5)

    for complaint in (first, second):
        as_sam.post(reverse("crm:complaint_given", args=[complaint.pk]), {"gift": f"refund:{refund.pk}"})
    stranger = as_sam.post(reverse("crm:complaint_given", args=[first.pk]), {"gift": f"refund:{others.pk}"})

    given = Given.objects.get()
    assert (given.complaint, given.refund) == (first, refund)
    assert stranger.status_code == 404
    assert "£5.00" in as_sam.get(first.get_absolute_url()).content.decode()

    as_sam.post(reverse("crm:complaint_given_removal", args=[first.pk, given.pk]))
    assert not Given.objects.exists()
    assert Refund.objects.count() == 2


def test_a_conversation_is_logged_for_a_complaint_here_and_on_the_card(as_sam, ana, ben):
    complaint, foreign = build.complaint(ana), build.complaint(ben)
    loose = build.note(ana, "Asked on Monday.")

    as_sam.post(reverse("crm:complaint_talks", args=[complaint.pk]), {"kind": "call", "body": "Rang back."})
    as_sam.post(reverse("crm:complaint_talk", args=[complaint.pk]), {"note": loose.pk})
    on_card = {"kind": "email", "body": "Wrote.", "complaint": complaint.pk}
    as_sam.post(reverse("crm:notes", args=[ana.pk]), on_card)
    as_sam.post(reverse("crm:notes", args=[ana.pk]), {**on_card, "body": "No.", "complaint": foreign.pk})

    page = as_sam.get(complaint.get_absolute_url()).content.decode()
    assert {note.body for note in complaint.notes.all()} == {"Rang back.", "Asked on Monday.", "Wrote."}
    assert all(words in page for words in ("Rang back.", "Asked on Monday.", "Wrote."))
    assert "About a complaint" in as_sam.get(ana.get_absolute_url()).content.decode()


def test_the_timeline_of_the_card_tells_every_step_and_links_to_the_complaint(as_sam, ana):
    complaint = build.complaint(ana, stage="closed")
    complaint.reopen(actor="", why="Again.")

    page = as_sam.get(ana.get_absolute_url(), {"show": "complaints"}).content.decode()

    for words in (
        "Complaint opened",
        "First answer given",
        "Customer told",
        "Complaint closed",
        "Complaint opened again",
    ):
        assert words in page
    assert complaint.get_absolute_url() in page


def test_the_story_of_an_erased_customer_still_opens(as_sam, ana):
    complaint = build.complaint(ana)
    complaint.title = complaint.details = ""
    complaint.save(update_fields=["title", "details"])
    Event.objects.create(kind="complaint.told", at=complaint.opened_at, customer=ana, data={})

    assert as_sam.get(ana.get_absolute_url()).status_code == 200
    assert f"#{complaint.pk}" in as_sam.get(complaint.get_absolute_url()).content.decode()


def test_everything_typed_is_escaped(as_sam, ana):
    complaint = build.complaint(ana, "<script>x</script>", details="<script>y</script>")
    complaint.solve(actor="", outcome="<script>z</script>")

    for address in (complaint.get_absolute_url(), reverse("crm:complaints"), ana.get_absolute_url()):
        assert "<script>x" not in as_sam.get(address).content.decode()
    assert "<script>z" not in as_sam.get(complaint.get_absolute_url()).content.decode()
