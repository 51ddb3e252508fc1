"""Whatever colour a shop chooses, the form can be read."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.models import Event
from feedback.models import Brand
from feedback.surveys.colour import ENOUGH, contrast, linear, tones

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 200
LOOK = "feedback:brand"


@pytest.mark.parametrize(
    "chosen", ["#ffff00", "#ffffff", "#000000", "#ff0000", "#0f5668", "#00ff00", "#0000ff", "#808080"]
)
def test_every_colour_becomes_readable_by_day_and_at_night(chosen):
    made = tones(chosen)

    assert min(made.contrast) >= ENOUGH
    for accent, ink in zip(made.accent, made.ink, strict=True):
        assert contrast(linear(accent), linear(ink)) >= ENOUGH


def test_a_colour_that_can_be_read_is_left_as_it_is():
    assert tones("#0f5668").accent[0] == "#0f5668"
    assert tones("#ffff00").changed == (True, False)
    assert contrast(linear("#000000"), linear("#ffffff")) == pytest.approx(21)


def test_the_look_is_kept_and_served_to_the_form(as_manager, client):
    sent = {"name": "Tansy", "accent": "#8B1E3F", "own_accent": "on"}
    logo = SimpleUploadedFile("logo.png", PNG, "image/png")

    assert as_manager.post(reverse(LOOK), {**sent, "picture": logo}).status_code == 302

    kept = Brand.now()
    assert (kept.shown_name, kept.accent, kept.logo_type) == ("Tansy", "#8b1e3f", "png")
    css, picture = client.get(kept.css_url), client.get(kept.logo_url)
    assert "--color-accent: light-dark(#8b1e3f, " in css.content.decode()
    assert (picture.content, picture["Content-Type"]) == (PNG, "image/png")
    assert "public" in picture["Cache-Control"]


def test_who_changed_what_of_the_look_is_written_down_and_nothing_of_nothing(as_manager, mira):
    sent = {"name": "Tansy", "accent": "#8B1E3F", "own_accent": "on"}

    for _time in range(2):
        as_manager.post(reverse(LOOK), sent)
    as_manager.post(reverse(LOOK), {**sent, "picture": SimpleUploadedFile("logo.png", PNG, "image/png")})

    told = Event.objects.filter(kind="brand.changed").order_by("pk").values_list("actor", "data")
    assert list(told) == [(mira.actor, {"what": ["name", "accent"]}), (mira.actor, {"what": ["logo"]})]


def test_without_a_brand_everything_is_as_everywhere(db, client):
    assert Brand.now().css_url == Brand.now().logo_url == ""
    assert Brand.now().shown_name == "Regulars"
    assert client.get(reverse("feedback:brand_css")).content == b""
    assert client.get(reverse("feedback:brand_logo")).status_code == 404


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"GIF89a", PNG + b"\0" * 9000])
def test_a_logo_that_is_no_small_picture_is_refused(as_manager, data):
    picture = SimpleUploadedFile("logo.png", data, "image/png")

    assert as_manager.post(reverse(LOOK), {"accent": "#0f5668", "picture": picture}).status_code == 422
    assert not Brand.objects.exists()


def test_logo_and_colour_can_be_taken_away_again(as_manager):
    Brand.objects.create(pk=1, accent="#8b1e3f", logo=PNG, logo_type="png")

    as_manager.post(reverse(LOOK), {"accent": "#8b1e3f", "no_picture": "on"})

    assert (Brand.now().accent, Brand.now().logo_type) == ("", "")


@pytest.mark.parametrize("accent", ["#ffff00", "red", ""])
def test_a_colour_is_shown_before_it_is_kept(as_manager, accent):
    shown = as_manager.get(reverse("feedback:brand_tones"), {"accent": accent})

    assert shown.status_code == 200
    assert "Hard to read as chosen" in shown.content.decode()  # the house's own is too dark at night
