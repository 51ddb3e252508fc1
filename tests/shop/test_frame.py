import json
import re

import pytest
from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import ResolverMatch

from shop import navigation
from shop.errors import PAGES, refuse
from shop.navigation import Place, navigation_for
from shop.templatetags import shop as tags
from shop.toasts import ToastMiddleware, toast

PLACES = [
    Place("Customers", "crm:customers", "users", "customers.view", key="c", also=("crm:customer",)),
    Place("Retention", "analytics:retention", "refresh-cw", "reports.view", key="r"),
    Place("Settings", "shop:settings", "sliders-horizontal", "settings.edit", end=True),
    Place("Later", "later:page", "gift"),
]


@pytest.fixture
def request_of(monkeypatch, settings):
    """A request of a member of staff to one view, while only some places have been built."""
    settings.NAVIGATION = "tests.shop.test_frame.PLACES"
    built = {"crm:customers": "/customers/", "analytics:retention": "/retention/", "shop:settings": "/settings/"}
    monkeypatch.setattr(navigation, "address", lambda view: built.get(view, ""))
    tags._kept.clear()

    def make(user, view="crm:customers", **headers):
        room, _, name = view.partition(":")
        request = RequestFactory().get("/", headers=headers)
        request.user, request.htmx = user, bool(headers)
        request.resolver_match = ResolverMatch(lambda: None, (), {}, url_name=name, app_names=[room], namespaces=[room])
        request._messages = CookieStorage(request)
        return request

    return make


def test_what_a_role_may_not_do_is_not_in_its_navigation(sam, ada, request_of):
    def labels(user):
        return [link.label for link in navigation_for(request_of(user)).all]

    assert labels(sam) == ["Customers"]
    assert labels(ada) == ["Customers", "Retention", "Settings"]


def test_the_card_of_a_customer_belongs_to_the_place_of_customers(mira, request_of):
    links = navigation_for(request_of(mira, "crm:customer")).all

    assert [link.here for link in links] == [True, False]


def test_a_page_is_drawn_in_the_theme_of_its_reader_without_a_foreign_address(mira, request_of):
    mira.theme = "dark"

    page = render_to_string("shell.html", request=request_of(mira))

    assert '<html lang="en" data-theme="dark">' in page
    assert 'href="/customers/" aria-current="page"' in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_kept_parts_of_the_frame_do_not_leak_between_roles(sam, ada, request_of):
    rich = render_to_string("shell.html", request=request_of(ada))
    poor = render_to_string("shell.html", request=request_of(sam))

    assert "/settings/" in rich
    assert "/settings/" not in poor


def test_htmx_may_not_evaluate_and_swaps_refused_forms(mira, request_of):
    page = render_to_string("shell.html", request=request_of(mira))
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])

    assert not any(
        config[name] for name in ("allowEval", "allowScriptTags", "includeIndicatorStyles", "historyCacheSize")
    )
    assert config["selfRequestsOnly"]
    assert {"code": "422", "swap": True} in config["responseHandling"]


def test_a_toast_of_a_page_stands_in_its_frame(mira, request_of):
    request = request_of(mira)
    toast(request, "Tagged <24> customers.", undo="/undo/7/")

    page = render_to_string("shell.html", request=request)

    assert "Tagged &lt;24&gt; customers." in page
    assert 'action="/undo/7/"' in page


def test_a_toast_of_an_htmx_answer_travels_as_an_event(mira, request_of):
    request = request_of(mira, HX_Request="true")

    def view(request):
        toast(request, "Otagowano „Święta”.", undo="/undo/7/")
        return HttpResponse()

    response = ToastMiddleware(view)(request)

    assert response["HX-Trigger"].isascii()
    assert json.loads(response["HX-Trigger"]) == {
        "toast": {"toasts": [{"text": "Otagowano „Święta”.", "undo": "/undo/7/"}]}
    }


@pytest.mark.parametrize("status", sorted(PAGES))
def test_an_error_is_said_in_words_without_asking_the_database(status):
    response = refuse(RequestFactory().get("/"), status)

    assert response.status_code == status
    assert "<h1" in response.text


class Settings(forms.Form):
    name = forms.CharField(help_text="Stands on every page.")
    theme = forms.ChoiceField(choices=[("light", "Light"), ("dark", "Dark")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed", help_text="Once", required=False)


def test_a_field_is_tied_to_its_help_and_its_error():
    page = str(Settings({"theme": "pink"}))

    assert '<label class="field__label" for="id_name">' in page
    name = re.search(r'<input[^>]*name="name"[^>]*>', page)[0]
    assert 'class="input"' in name
    assert 'aria-describedby="id_name_helptext id_name_error"' in name
    assert 'aria-invalid="true"' in name
    assert 'id="id_name_error">This field is required.' in page
    assert 'id="id_agreed_helptext"' in page
