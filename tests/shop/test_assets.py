import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.management import call_command
from django.test import override_settings

from shop import icons
from shop.assets import ENTRIES, JoinedStorage, joined

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def source(entry):
    storage = StaticFilesStorage(location=STATIC)
    return joined(
        {str(path.relative_to(STATIC)): (storage, str(path.relative_to(STATIC))) for path in STATIC.rglob("*.*")}, entry
    )


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_is_joined_into_one_file_without_imports_or_foreign_addresses(entry):
    text, parts = source(entry)

    assert parts
    assert "@import" not in text
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert not re.search(r"url\(|https?://", text)


def test_every_component_is_in_the_bundle_of_the_staff_or_of_the_customers():
    loaded = set().union(*(source(f"css/{entry}.css")[1] for entry in ("app", "customer", "form")))

    components = {str(path.relative_to(STATIC)) for path in (STATIC / "css/components").glob("*.css")}

    assert components - loaded == set()


def test_every_element_is_in_the_script_or_named_by_a_page_of_its_own():
    elements = {str(path.relative_to(STATIC)) for path in (STATIC / "js/elements").glob("*.js")}
    named = {
        name for path in TEMPLATES.rglob("*.html") for name in re.findall(r"js/elements/[\w-]+\.js", path.read_text())
    }

    assert elements == source("js/app.js")[1] | named


def test_layers_survive_the_joining_in_their_order():
    text, _ = source("css/app.css")

    assert text.startswith("@layer tokens, base, layout, components, utilities, print;")
    assert text.index("@layer tokens {") < text.index("@layer layout {") < text.index("@layer print {")
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("path", [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")], ids=lambda path: path.name)
def test_a_source_file_is_short(path):
    assert len(path.read_text().splitlines()) < 100


@pytest.mark.slow
def test_collected_files_are_hashed_compressed_and_small(tmp_path):
    with override_settings(
        STATIC_ROOT=tmp_path, STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": "shop.assets.JoinedStorage"}}
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        storage = JoinedStorage(location=tmp_path, base_url="/static/")
        first_view = ["css/app.css", "js/app.js", "img/mark.svg", "django_htmx/htmx-2.min.js"]
        sizes = [(tmp_path / f"{storage.stored_name(name)}.br").stat().st_size for name in first_view]

    assert sum(sizes) < 60_000
    assert not list(tmp_path.glob("css/components/*"))
    assert not list(tmp_path.glob("js/elements/toast-stack*"))


def test_every_icon_in_the_templates_and_the_navigation_exists():
    used = {name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'\{% icon "([^"]+)"', path.read_text())}
    from config.navigation import NAVIGATION

    for name in used | {place.icon for place in NAVIGATION}:
        assert icons.drawing(name)


def test_an_unknown_icon_is_named_in_the_error():
    with pytest.raises(icons.IconMissing, match="no-such-icon"):
        icons.icon("no-such-icon")


# What stands in a mail's own frame is no page of ours: mail programs know nothing but styles in it.
PAGES = [path for path in TEMPLATES.rglob("*.html") if TEMPLATES / "mail" not in path.parents]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_has_no_inline_style_or_script_and_no_broken_comment(path):
    text = path.read_text()

    assert not re.search(r"\sstyle=|\son\w+=|hx-on|javascript:|<style", text)
    assert not re.search(r"<script(?![^>]*src=)", text)
    assert all("#}" in line for line in text.splitlines() if "{#" in line)
    assert len(text.splitlines()) < 60


def test_static_files_are_found_without_collecting_them_in_development():
    assert find("css/app.css")
