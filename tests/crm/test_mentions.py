import pytest
from django.urls import reverse

from crm.models import Mention, Note
from crm.models.mention import mentioned
from tests import build

TODAY = "/"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Mira Nair please look", ["Mira Nair"]),
        ("Please look, @mira.", ["Mira Nair"]),
        ("@MIRA NAIR and @Ada", ["Mira Nair", "Ada Penhale"]),
        ("@Mira @mira", ["Mira Nair"]),
        ("@Miranda wrote from mira@shop.example", []),
        ("nobody@Mira", []),
        ("@Sam", []),
        ("@Sam Brook", ["Sam Brook"]),
        ("@ and @@", []),
    ],
)
def test_colleagues_are_named_by_whole_name_or_by_a_first_name_only_one_has(sam, mira, ada, text, named):
    other_sam = build.user(name="Sam Brook")

    assert [str(user) for user in mentioned(text, [sam, mira, ada, other_sam])] == named


def test_who_is_named_finds_it_on_today_until_they_say_they_read_it(as_manager, sam, mira, ana):
    Note.log(ana, "call", "Angry about the cup. @Mira, can you ring?", by=sam)

    page = as_manager.get(TODAY).content.decode()
    as_manager.post(reverse("crm:mention_seen", args=[Mention.objects.get().pk]))
    after = as_manager.get(TODAY).content.decode()

    assert "You were mentioned" in page
    assert "Angry about the cup." in page
    assert "You were mentioned" not in after


def test_who_names_themself_is_not_told(sam, ana):
    Note.log(ana, "note", "@Sam should not forget", by=sam)

    assert not Mention.objects.exists()


def test_a_colleague_who_left_is_not_named(sam, mira, ana):
    mira.deactivate()

    Note.log(ana, "note", "@Mira", by=sam)

    assert not Mention.objects.exists()


def test_the_mention_of_somebody_else_is_not_mine_to_read(as_support, mira, ana, ada):
    Note.log(ana, "note", "@Mira", by=ada)

    answer = as_support.post(reverse("crm:mention_seen", args=[Mention.objects.get().pk]))

    assert answer.status_code == 404
    assert Mention.objects.get().seen_at is None


def test_signing_out_empties_what_the_browser_kept(as_support):
    answer = as_support.post(reverse("shop:logout"))

    assert answer["Clear-Site-Data"] == '"storage"'
