"""Saved views: the tabs of the list."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Segment, Tab
from crm.segments import tabs
from tests import build
from tests.conftest import signed_in

LIST = "/customers/"


def tab_names(client, address=LIST):
    page = client.get(address)
    if page.status_code == 302:
        page = client.get(LIST + page["Location"])
    return [str(view.name) for view in [*page.context["views"], *page.context["more_views"]]]


def post(client, view, /, *args, **data):
    return client.post(reverse(f"crm:{view}", args=args), data)


def listed(client, address):
    return [str(row.customer) for row in client.get(f"{LIST}?{address}").context["rows"]]


def test_a_question_is_kept_under_a_name_and_asked_again(as_sam, sam, ana, ben):
    ana.edit(actor="", city="Ludlow")

    saved = post(as_sam, "segments", name="  From   Ludlow ", question="city=Ludlow&sort=-name&size=50")
    segment = Segment.objects.get()

    assert saved["Location"] == f"{LIST}?view={segment.pk}"
    assert (segment.name, segment.address, segment.owner, segment.is_shared) == (
        "From Ludlow",
        "sort=-name&city=Ludlow",
        sam,
        False,
    )
    assert listed(as_sam, f"view={segment.pk}") == ["Ana Lindqvist"]
    assert list(segment.customers(sam)) == [ana]


def test_a_view_is_private_until_it_is_shared(sam, mira):
    segment = build.segment(sam)

    before = tab_names(signed_in(mira))
    post(signed_in(sam), "segment", segment.pk, name="From Ludlow", shared="1")

    assert "From Ludlow" not in before
    assert "From Ludlow" in tab_names(signed_in(mira))


def test_what_others_share_can_be_arranged_but_only_its_owner_or_a_manager_changes_it(sam, mira):
    shared = build.segment(mira, shared_at="2026-01-01T00:00Z")
    support = signed_in(sam)

    assert post(support, "segment", shared.pk, name="Mine now").status_code == 403
    assert post(support, "segment_question", shared.pk, question="").status_code == 403
    assert post(support, "segment_removal", shared.pk).status_code == 403
    assert post(support, "segment_pin", shared.pk, pinned="1").status_code == 302

    of_support = build.segment(sam, "Of support", shared_at="2026-01-01T00:00Z")
    assert post(signed_in(mira), "segment", of_support.pk, name="Better named", shared="1").status_code == 302
    assert set(Segment.objects.values_list("name", flat=True)) == {"From Ludlow", "Better named"}


def test_a_private_view_of_somebody_else_is_not_there(as_mira, sam, ana, ben):
    private = build.segment(sam)

    page = as_mira.get(LIST, {"view": private.pk})

    assert "This view is gone" in page.content.decode()
    assert "From Ludlow" not in page.content.decode()
    for name in ("segment", "segment_question", "segment_removal", "segment_return", "segment_pin", "segment_place"):
        assert post(as_mira, name, private.pk).status_code == 404


def test_a_removed_view_comes_back_with_undo(as_sam, sam):
    segment = build.segment(sam)

    page = as_sam.post(reverse("crm:segment_removal", args=[segment.pk]), follow=True)
    gone = tab_names(as_sam)
    undo = reverse("crm:segment_return", args=[segment.pk])
    as_sam.post(undo)

    assert f'action="{undo}"' in page.content.decode()
    assert "From Ludlow" not in gone
    assert "From Ludlow" in tab_names(as_sam)


def test_a_name_that_was_given_again_meanwhile_is_told_apart(as_sam, sam):
    segment = build.segment(sam)
    segment.remove()
    build.segment(sam, "from ludlow")

    post(as_sam, "segment_return", segment.pk)

    assert set(Segment.objects.present().values_list("name", flat=True)) == {"From Ludlow (2)", "from ludlow"}


def test_a_name_is_given_once(as_sam, sam):
    build.segment(sam)

    again = as_sam.post(reverse("crm:segments"), {"name": "FROM LUDLOW", "question": "orders=5.."}, follow=True)

    assert "already" in again.content.decode()
    assert Segment.objects.count() == 1


def test_the_view_says_when_the_question_differs_and_takes_it_over(as_sam, sam, ana):
    segment = build.segment(sam)
    save = reverse("crm:segment_question", args=[segment.pk])

    same = as_sam.get(f"{LIST}?view={segment.pk}").content.decode()
    differs = as_sam.get(f"{LIST}?view={segment.pk}&city=Ludlow&name=ana").content.decode()
    as_sam.post(save, {"question": f"view={segment.pk}&city=Ludlow&name=ana"})
    segment.refresh_from_db()

    assert save not in same
    assert save in differs
    assert segment.address == "city=Ludlow&name=ana"


def test_a_view_emptied_of_its_filters_stays_empty(as_sam, sam, ana, ben):
    segment = build.segment(sam)

    chip = as_sam.get(f"{LIST}?view={segment.pk}").context["groups"][0].chips[0]

    assert chip.off == f"view={segment.pk}&match=all"
    assert listed(as_sam, chip.off) == ["Ana Lindqvist", "Ben Okafor"]


def test_pinned_views_stand_first_and_one_moves_among_its_like(as_sam, sam):
    a, b, c = (build.segment(sam, name) for name in "ABC")

    post(as_sam, "segment_pin", c.pk, pinned="1")
    pinned = tab_names(as_sam)[-3:]
    post(as_sam, "segment_place", b.pk, step="-1")
    moved = tab_names(as_sam)[-3:]
    post(as_sam, "segment_place", b.pk, step="-1")  # no further: the pinned one stays before it

    assert pinned == ["C", "A", "B"]
    assert moved == tab_names(as_sam)[-3:] == ["C", "B", "A"]
    assert a.pk


def test_the_view_that_opens_first_opens_when_nothing_is_asked(as_sam, sam, ana):
    one, other = build.segment(sam, "One"), build.segment(sam, "Other")

    post(as_sam, "segment_first", one.pk, first="1")
    post(as_sam, "segment_first", other.pk, first="1")

    assert as_sam.get(LIST)["Location"] == f"?view={other.pk}"
    assert as_sam.get(LIST, {"view": "all"}).status_code == 200
    assert Tab.objects.filter(is_default=True).count() == 1


def test_columns_are_chosen_by_each_for_each_view(as_sam, sam, mira, ana):
    segment = build.segment(sam, address="", columns=["city", "orders"], shared_at="2026-01-01T00:00Z")
    here = f"view={segment.pk}"

    def heads(client, address):
        return [column.facet.name for column in client.get(f"{LIST}?{address}").context["columns"]]

    as_sam.post(reverse("crm:customers_columns"), {"question": here, "column": ["email", "city", "password"]})
    of_sam = heads(as_sam, here)
    of_mira = heads(signed_in(mira), here)
    as_sam.post(reverse("crm:customers_columns"), {"question": here, "reset": "1"})

    assert of_sam == ["email", "city"]
    assert of_mira == heads(as_sam, here) == ["city", "orders"]
    assert heads(as_sam, "view=all") == tabs.default_columns(as_sam.get(LIST).context["question"].facets)


def test_what_a_role_may_not_ask_is_said_and_means_nobody(as_sam, sam, mira, ana):
    shared = build.segment(mira, address="at_stake=5..", shared_at="2026-01-01T00:00Z")

    page = as_sam.get(LIST, {"view": shared.pk}).content.decode()

    assert "is not for your role" in page
    assert not shared.customers(sam).exists()


def test_me_is_whoever_looks(sam, mira, ana, ben):
    segment = build.segment(mira, address="owner=me", shared_at="2026-01-01T00:00Z")
    ana.edit(actor="", owner=sam)
    ben.edit(actor="", owner=mira)

    assert [list(segment.customers(user)) for user in (sam, mira)] == [[ana], [ben]]


def test_counts_of_the_tabs_come_in_one_answer_and_are_kept_a_minute(as_sam, sam, ana, ben):
    segment = build.segment(sam, address="name=ana")
    page = as_sam.get(LIST)
    address = f"{reverse('crm:customers_counts')}?{page.context['counts_address']}"

    first = as_sam.get(address).content.decode()
    build.customer("Ana Second")
    with CaptureQueriesContext(connection) as asked:
        again = as_sam.get(address).content.decode()

    assert f'id="count-{segment.pk}" hx-swap-oob="true">1<' in first
    assert again == first
    assert not [query for query in asked if "COUNT(" in (query["sql"] or "")]  # none is told of a prepared one


def test_beyond_ten_thousand_a_count_says_about(as_sam, sam, ana, ben, cleo, monkeypatch):
    from crm.segments import counting

    monkeypatch.setattr(counting, "COUNTED_TO", 2)

    answer = as_sam.get(reverse("crm:customers_counts"), {"tabs": "all", "question": ""}).content.decode()

    assert "about" in answer


def test_a_count_that_takes_too_long_is_estimated(sam, ana, monkeypatch):
    from django.db.models import F, Func
    from django.http import QueryDict

    from crm.models import Customer
    from crm.segments import counting
    from crm.segments.question import Question

    monkeypatch.setattr(counting, "LONGEST", 20)
    slow = Customer.objects.alias(slept=Func(F("pk") * 0 + 1, function="pg_sleep")).exclude(slept=None)

    n, about = counting._counted(slow)

    assert about
    assert n >= 0
    assert counting.count(Question.read(QueryDict("name=ana"), sam)) == (1, False)


def test_the_page_asks_as_often_for_many_views_as_for_one(as_sam, sam, ana, django_assert_num_queries):
    build.segment(sam)
    as_sam.get(LIST)
    with CaptureQueriesContext(connection) as one:
        as_sam.get(LIST)
    for number in range(40):
        build.segment(sam, f"View {number} with a rather long name, as people give them")

    with django_assert_num_queries(len(one)):
        page = as_sam.get(LIST)

    assert len(one) <= 12
    assert len(page.context["views"]) <= tabs.SHOWN
