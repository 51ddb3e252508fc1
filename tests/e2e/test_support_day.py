"""A day of Sam, who answers customers, by keys alone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import Complaint, Consent, Customer, Mention, Merge, Segment, Tag
from tests import build
from tests.e2e.keyboard import Keyboard

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sign_in(page, live_server):
    """sign_in(user): by keys, to Today. A script error or a refused request fails the test at its end."""
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("response", lambda answer: errors.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)

    def sign_in(user):
        keys = Keyboard(page)
        page.goto(live_server.url)
        keys.holds(page.get_by_label("E-mail"))
        keys.type(user.email)
        keys.press("Tab")
        keys.type("a long password")
        keys.press("Enter")
        expect(page.locator("h1")).to_contain_text(user.name.split()[0])
        return keys

    yield sign_in
    assert errors == []


@pytest.fixture
def keys(sign_in, sam):
    return sign_in(sam)


@pytest.fixture
def people(ana, ben, cleo):
    """Ana has a second card, and lives in Ludlow."""
    ana.city = "Ludlow"
    ana.save(update_fields=["city"])
    return build.customer("Anna Lindqvist", email="anna@work.example", city="Ludlow")


def open_card(keys, words, name):
    """From anywhere: the list, its search, the first row."""
    keys.jumps("c", "Customers")
    keys.press("/")
    keys.holds(keys.page.locator(".chips__search input"))
    keys.type(words)
    keys.press("Enter")
    expect(keys.page).to_have_url(re.compile("q="))
    keys.page.wait_for_load_state()
    keys.press("j")
    keys.holds(keys.page.locator(".list__name").first)
    keys.press("Enter")
    expect(keys.page.locator("h1")).to_have_text(name)
    keys.page.wait_for_load_state()


def test_a_card_is_found_by_part_of_a_phone_edited_and_put_back(keys, people, ana):
    page = keys.page
    open_card(keys, "900142", "Ana Lindqvist")

    city = page.locator("#field-city")
    keys.chooses(city.locator("a.inline-edit"))
    keys.holds(city.locator("input[name=city]"))
    keys.press("Control+a")
    keys.type("Lund")
    keys.press("Enter")
    keys.holds(city.locator("a.inline-edit"))
    expect(city).to_contain_text("Lund")

    edited = page.locator(".timeline__change", has_text="Ludlow")
    expect(edited.locator("del")).to_have_text("Ludlow")
    keys.chooses(edited.get_by_role("button"))
    expect(page.locator(".toast")).to_contain_text("The old value is back.")
    expect(city).to_contain_text("Ludlow")
    assert Customer.objects.get(pk=ana.pk).city == "Ludlow"


def test_whoever_types_faster_than_the_page_settles_keeps_their_place(keys, people):
    page = keys.page
    open_card(keys, "900142", "Ana Lindqvist")
    city = page.locator("#field-city")
    keys.goes_to(city.locator("a.inline-edit"))
    page.clock.install()
    page.clock.pause_at(timezone.now() + timedelta(seconds=5))

    keys.press("Enter")
    expect(city.locator("input[name=city]")).to_be_attached()
    page.clock.run_for(90)  # settled, but a look whether the focus was lost is still to come
    keys.holds(city.locator("input[name=city]"))
    keys.press("Control+a")
    keys.type("Lund")
    keys.press("Enter")
    expect(city.locator("a.inline-edit")).to_contain_text("Lund")  # swapped, not settled
    page.clock.run_for(200)

    keys.holds(city.locator("a.inline-edit"))


def test_a_call_is_logged_with_a_colleague_and_a_task(keys, people, ana, mira):
    page = keys.page
    open_card(keys, "lindqvist", "Ana Lindqvist")
    words = page.locator("#composer-text")

    keys.press("l")
    keys.holds(words)
    keys.type("Two lanterns came broken. @Mi")
    expect(page.locator("#composer-staff [role=option]:visible")).to_have_text(["Mira Nair"])
    keys.press("Enter")
    keys.type("knows.")
    expect(words).to_have_value("Two lanterns came broken. @Mira Nair knows.")
    keys.chooses(page.locator(".composer__follow summary"))
    keys.goes_to(page.get_by_label("What", exact=True))
    keys.type("Send two new ones")
    keys.press("Control+Enter")

    expect(page.locator("#tasks")).to_contain_text("Send two new ones")
    expect(page.locator(".timeline")).to_contain_text("Two lanterns came broken.")
    keys.focus_is_seen()
    assert Mention.objects.get().user == mira
    assert ana.tasks.get().title == "Send two new ones"

    keys.chooses(page.locator("#tasks button", has_text="Done"))
    expect(page.locator("#tasks li")).to_have_count(0)
    keys.focus_is_seen()


def test_a_complaint_is_brought_from_its_opening_to_its_end(keys, people, ana):
    page = keys.page
    open_card(keys, "lindqvist", "Ana Lindqvist")

    keys.chooses(page.locator(".card__actions").get_by_role("link", name="Complaint"))
    keys.holds(page.get_by_label("In a few words").or_(page.locator("input[name=title]")).first)
    keys.type("Two lanterns broken")
    keys.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Two lanterns broken")

    for step in ("They have an answer", "I am on it"):
        keys.chooses(page.get_by_role("button", name=step))
        expect(page.get_by_role("button", name=step)).to_have_count(0)
    keys.goes_to(page.locator("#move [name=outcome]"))
    keys.type("Two new ones went out by post.")
    keys.press("Control+Enter")
    for step in ("The customer knows", "Close it"):
        keys.chooses(page.get_by_role("button", name=step))
        expect(page.get_by_role("button", name=step)).to_have_count(0)

    complaint = Complaint.objects.get(customer=ana)
    assert (complaint.stage, complaint.outcome) == ("closed", "Two new ones went out by post.")


def test_a_customer_is_tagged_and_what_they_say_by_phone_is_written_down(keys, people, ana):
    page = keys.page
    open_card(keys, "lindqvist", "Ana Lindqvist")

    keys.goes_to(page.locator("#tags input[name=name]"))
    keys.type("Trade")
    keys.press("Enter")
    expect(page.locator("#tags .tag")).to_contain_text(["Trade"])
    keys.holds(page.locator("#tags input[name=name]"))
    keys.chooses(page.get_by_role("button", name="Take off Trade"))
    expect(page.locator("#tags .tag")).to_have_count(0)
    keys.focus_is_seen()
    keys.press("u") if not page.locator("#tags input:focus").count() else keys.press("Escape", "u")
    expect(page.locator("#tags .tag")).to_contain_text(["Trade"])

    phone = page.locator(".channel", has_text="+44")
    keys.chooses(phone.locator("details.consent > summary"))
    keys.chooses(phone.get_by_role("link", name="Write down what they said"))
    keys.holds(page.locator(".consent__choice select").first)
    keys.goes_to(page.locator("select[name=offers]"))
    keys.type("yes")
    keys.goes_to(page.locator("select[name=method]"))
    keys.goes_to(page.locator("textarea[name=wording]"))
    keys.type("Yes, do ring me about the winter sale.")
    keys.press("Control+Enter")

    expect(page.locator(".channel", has_text="+44")).to_contain_text("winter sale")
    keys.focus_is_seen()
    said = Consent.objects.get(purpose="offers")
    assert (said.state, said.method, said.wording) == ("given", "phone", "Yes, do ring me about the winter sale.")


def test_a_list_is_filtered_kept_as_a_view_and_tagged_with_a_way_back(keys, people, ana):
    page = keys.page
    keys.jumps("c", "Customers")

    keys.chooses(page.locator(".chips__group summary", has_text="Filter"))
    keys.chooses(page.locator(".chips__group .menu__item", has_text="Town"))
    keys.holds(page.locator("#editing input[type=text]"))
    keys.type("Ludlow")
    keys.press("Enter")
    expect(page.locator(".chip__value")).to_contain_text(["Ludlow"])
    expect(page.locator(".list__name")).to_have_count(2)

    keys.chooses(page.get_by_role("link", name="Save as view"))
    keys.holds(page.locator("#editing input[name=name]"))
    keys.type("In Ludlow")
    keys.press("Enter")
    expect(page.locator(".views__tab[aria-current]")).to_contain_text("In Ludlow")
    assert Segment.objects.get().name == "In Ludlow"

    pick_the_first_two(keys)
    keys.commands("tag", "Tag")
    keys.holds(page.locator("main input[name=name]"))
    keys.type("Ludlow market")
    keys.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Ludlow market")
    assert Tag.objects.get().taggings.count() == 2

    page.wait_for_load_state()
    keys.press("u")
    expect(page.locator(".toast")).to_contain_text("Taken back for 2 customers.")
    assert Tag.objects.get().taggings.count() == 0


def test_two_cards_of_one_person_become_one_and_two_again(sign_in, people, mira):
    """Merging is for managers."""
    keys = sign_in(mira)
    page = keys.page
    keys.jumps("c", "Customers")
    keys.press("/")
    keys.type("lindqvist")
    keys.press("Enter")
    expect(page.locator(".list__name")).to_have_count(2)
    pick_the_first_two(keys)

    keys.commands("merge", "Merge")
    expect(page.locator("h1")).to_have_text("One person?")
    page.wait_for_load_state()
    keys.press("Control+Enter")  # from the page as it opens, as it says
    expect(page.locator(".timeline")).to_contain_text("went into this one")
    assert Merge.objects.get().undone_at is None

    keys.chooses(page.get_by_role("link", name="See it, or take it back"))
    keys.chooses(page.get_by_role("button", name="Make them two cards again"))
    expect(page.locator(".toast")).to_be_visible()
    assert Customer.objects.filter(merged_into=None, family_name="Lindqvist").count() == 2

    keys.page.wait_for_load_state()
    keys.commands("okafor", "Ben Okafor")
    expect(page.locator("h1")).to_contain_text("Ben Okafor")


def pick_the_first_two(keys):
    keys.page.wait_for_load_state()
    for n in range(2):
        keys.press("j")
        keys.holds(keys.page.locator(".list__name").nth(n))
        keys.press("x")
    expect(keys.page.locator(".bulk [data-picked]").first).to_have_text("2")
    keys.focus_is_seen()
