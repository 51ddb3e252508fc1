"""Every page of staff and customers, with data on it, is open to everybody: two languages, both themes."""

from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import QueryDict

from crm.actions import action_for_many
from crm.bulk.running import Bulk
from crm.contact import links
from crm.duplicates.merging import merge
from crm.imports import running
from crm.models import Complaint, Customer, CustomField, Duplicate, Message, PrivacyRequest, Segment, Tag
from crm.privacy.asking import minted
from crm.privacy.erasing import erase
from crm.segments.question import Question
from crm.segments.selection import Selection
from feedback.following import topics
from feedback.models import Topic
from feedback.surveys.ready import make, ready
from tests import build
from tests.e2e.demo import demo_shop, piece_of_the_orders
from tests.e2e.settling import settle
from tests.feedback.figures.giving import give

__all__ = ["demo_shop", "piece_of_the_orders"]

pytestmark = pytest.mark.django_db(transaction=True)

# Each page is seen twice: wide and light in the one language, narrow and dark in the other.
LOOKS = {"en": (1440, "light"), "pl": (390, "dark")}
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CHECK = {"preload": False, "iframes": False, "resultTypes": ["violations"], "runOnly": WCAG}


@pytest.mark.browser_context_args(bypass_csp=True)  # the checker writes inline styles of its own
def test_no_page_has_a_serious_fault_of_access(demo_shop, ada, staff_page, page, tmp_path, settings):
    settings.MEDIA_ROOT, settings.ERASED_FILE = tmp_path, tmp_path / "erased.jsonl"
    paths, faults = pages(ada, tmp_path), {}

    for language, (width, scheme) in LOOKS.items():
        ada.language = language
        ada.save(update_fields=["language"])
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a colour on its way to another is neither
        staff_page(ada, "/profile/", width=width, height=900)
        for path in paths:
            page.goto(urljoin(page.url, path.format(language=language)))
            if found := faults_of(page):
                faults[path, language] = found

    assert faults == {}


def faults_of(page):
    page.evaluate("document.querySelectorAll('main details:not(.menu)').forEach((one) => { one.open = true; })")
    settle(page)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    seen = Axe().run(page, options=CHECK).response["violations"]
    serious = [fault for fault in seen if fault["impact"] in ("serious", "critical")]
    found = [(fault["id"], [node["target"] for node in fault["nodes"]][:4]) for fault in serious]
    return found + ([f"{wide} px too wide"] if wide > 0 else [])


def pages(ada, folder):
    """Those with the most on them; test_main_job sees Today, the reports and the list of staff."""
    known = Customer.objects.filter(identifiers__kind="email").order_by("pk").first()
    return [
        *of_the_list(),
        *of_changes(ada, known),
        *of_complaints(known),
        *of_one_card(known),
        *of_mail(),
        *of_surveys(known),
        *of_privacy(known, ada),
        *of_reports(),
        *of_imports(folder),
        *[f"/settings/{screen}" for screen in ("", "shop/", "hours/", "complaints/", "keys/", "parked/")],
        *of_the_customer(known),
    ]


def of_reports():
    """Beside the first one: each tab that draws or lists in its own way, and what became of the flags."""
    tabs = ("cohorts", "groups", "value", "grading", "recovery", "offers", "goals/new")
    return [*[f"/retention/{tab}/" for tab in tabs], "/at-risk/outcomes/"]


def of_the_list():
    view = Segment.objects.order_by("pk").first()
    question = "city=London&net=10..&match=any&2.orders=2..&2.state=at_risk"
    return [
        f"/customers/?view={view.pk}&edit=columns",
        f"/customers/?{question}&edit=2.orders",
        "/customers/?edit=tags",
        "/customers/?q=nobodyatall",
        "/customers/new/",
        "/customers/export/",
        "/tasks/",
        "/settings/tags/",
        "/settings/fields/",
        f"/settings/fields/{CustomField.objects.first().pk}/",
    ]


def of_changes(ada, known):
    question, tag = Question.read(QueryDict(""), ada), Tag.called("Fair")
    words = {"tag": tag.pk, "name": "Fair"}
    bulk = Bulk.begin(action_for_many("tag"), Selection(question, ids=[known.pk]), words, by=ada)
    bulk.run()
    edit = f"/customers/changes/edit_field/?pick={known.pk}&question="
    return ["/customers/changes/", f"/customers/changes/{bulk.change_set.pk}/", edit]


def of_complaints(known):
    of_each_stage = {complaint.stage: complaint for complaint in Complaint.objects.order_by("pk")}
    ones = [of_each_stage[stage].get_absolute_url() for stage in ("in_work", "closed")]
    return ["/complaints/?view=all&edit=severity", f"/complaints/new/?customer={known.pk}", "/team/", *ones]


def of_surveys(known):
    """Something is missing in the draft of one; another one is answered."""
    asked = build.survey("nps", open_code="counter")
    give(asked, {10: 20, 8: 9, 2: 8}, customer=known, comment="Two lanterns were broken", days_ago=32)
    topic = Topic.objects.create(name="Lanterns")
    topics.change_words(topic, {"en": ["lantern*"]})
    topics.sort(list(asked.responses.values_list("pk", flat=True)))
    changing = make(ready()["exit"], "exit", language="en")
    changing.open_draft().ask("text", texts={"en": {"ask": "And what else?"}})
    here, there = f"/feedback/surveys/{changing.pk}/", f"/feedback/surveys/{asked.pk}/"
    return [
        "/feedback/?by=channel",
        "/feedback/answers/?edit=channel",
        "/feedback/asked/",
        "/feedback/who-did-not-answer/",
        "/feedback/comments/",
        "/feedback/topics/",
        f"/feedback/topics/{topic.pk}/",
        "/feedback/waiting/",
        "/feedback/sends/new/",
        "/feedback/surveys/",
        "/feedback/surveys/new/",
        here,
        f"{here}questions/why/",
        f"{here}around/",
        f"{here}settings/",
        f"{there}ways/",
        f"{there}versions/1/",
        "/feedback/look/",
        f"/customers/{known.pk}/answers/",
        f"/customers/{known.pk}/answers/{asked.pk}/",
        f"/customers/{known.pk}/survey/",
    ]


def of_one_card(known):
    address = known.identifiers.filter(kind="email").first()
    card = f"/customers/{known.pk}/"
    here, pair = Duplicate.objects.order_by("pk")[:2]
    done = merge(*Customer.objects.filter(pk__in=[pair.first_id, pair.second_id]).order_by("pk"), actor="")
    return [
        card,
        f"{card}contacts/{address.pk}/consent/",
        f"{card}fields/city/",
        f"{card}merge/?q=a",
        "/customers/duplicates/",
        f"/customers/{here.first_id}/merge/{here.second_id}/",
        f"/merges/{done.pk}/",
        f"/customers/{done.stays_id}/",
    ]


def of_mail():
    kept, message = build.kept_mail(), Message.objects.order_by("pk").first()
    texts = ["/settings/texts/", "/settings/texts/complaint_received/{language}/"]
    return ["/mail/", f"/mail/{message.pk}/", "/mail/kept/", f"/mail/kept/{kept.pk}/", *texts]


def of_privacy(known, ada):
    gone = build.customer("Gone Person", email="gone@people.example")
    erase(gone, why="asked", by=ada)
    PrivacyRequest.ask(known, PrivacyRequest.Kind.COPY)
    card = f"/customers/{known.pk}/"
    return ["/privacy/", f"{card}copy/", f"{card}erasure/", f"{card}objection/", f"/customers/{gone.pk}/certificate/"]


def of_imports(folder):
    people = folder / "people.csv"
    people.write_text("customer_id,given_name,email\n1,Ada,ada@people.example\n2,,not an address\n")
    shown = running.begin(people, name="people.csv", source="shop", kind="customers", owns_file=False)
    mapped = running.begin(people, name="more.csv", source="shop", kind="customers", owns_file=False)
    running.read(shown)
    return [f"/import/{shown.pk}/", f"/import/{mapped.pk}/"]


def of_the_customer(known):
    address = known.identifiers.filter(kind="email").first().value
    preferences = urlsplit(links.preferences(known, address)).path
    unsubscribe = urlsplit(links.unsubscribe(known, address, "offers")).path
    copy = urlsplit(minted(Message(customer=known, address=address, template="data_copy", purpose="service"))["link"])
    data = preferences.replace("/preferences/", "/data/")
    return [path + "?lang={language}" for path in (preferences, unsubscribe, data, copy.path)]
