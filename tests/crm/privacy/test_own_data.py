"""A customer asks for their own data, and gets it by a link that works once."""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.contact import links
from crm.models import CustomerToken, Event, Message, PrivacyRequest, Task
from crm.privacy.asking import minted
from crm.privacy.erasing import erase


@pytest.fixture
def my_data(ana):
    secret = links.preferences(ana, "ana@people.example").rstrip("/").rpartition("/")[2]
    return reverse("crm:me_data", args=[secret])


@pytest.fixture
def my_copy(ana):
    message = Message(customer=ana, address="ana@people.example", template="data_copy", purpose="service")
    return urlsplit(minted(message)["link"]).path


def test_the_preferences_lead_to_ones_data(client, ana, my_data):
    preferences = my_data.replace("/data/", "/preferences/")

    assert my_data in client.get(preferences).text


def test_asking_for_a_copy_mails_a_link_and_gives_staff_a_task(client, ana, my_data, mira):
    client.post(my_data, {"what": "copy"})

    asked = PrivacyRequest.objects.open().get()
    assert (asked.kind, asked.due_on) == ("copy", timezone.localdate() + timedelta(days=30))
    assert (asked.task.owner, asked.task.due_on) == (mira, asked.due_on)
    assert [(mail.template, mail.customer) for mail in Message.objects.all()] == [("data_copy", ana)]
    assert Event.objects.get(kind="customer.asked").data == {"what": "copy"}


def test_asking_again_and_again_is_one_request_and_few_mails(client, ana, my_data, mira):
    for _time in range(6):
        client.post(my_data, {"what": "copy"})

    assert PrivacyRequest.objects.count() == Task.objects.count() == 1
    assert Message.objects.count() == 3


def test_asking_for_erasure_erases_nobody_yet(client, ana, my_data, mira):
    client.post(my_data, {"what": "erasure"})

    ana.refresh_from_db()
    assert ana.erased_at is None
    assert PrivacyRequest.objects.open().get().kind == "erasure"
    assert "done by" in client.get(my_data).text


def test_opening_the_link_changes_nothing_however_often(client, ana, my_copy):
    for _time in range(3):
        assert "ana@people.example" not in client.get(my_copy).text

    assert CustomerToken.objects.get().used_at is None
    assert not Event.objects.filter(kind="customer.copied").exists()


def test_the_button_behind_the_link_works_once(client, ana, my_copy):
    PrivacyRequest.ask(ana, "copy")

    first, second = client.post(my_copy), client.post(my_copy)

    assert "ana@people.example" in first.text
    assert first["Cache-Control"] == "no-store"
    assert second.status_code == 404
    assert not PrivacyRequest.objects.open().exists()


def test_the_page_leads_to_the_same_as_a_file_once(client, ana, my_copy):
    page = client.post(my_copy).text
    address = page.partition('action="')[2].partition('"')[0]

    first, second = client.post(address), client.post(address)

    assert json.loads(first.text)["format"] == "regulars-copy-1"
    assert second.status_code == 404


def test_a_link_is_over_after_a_day_and_after_an_erasure(client, ana, cleo, my_copy):
    CustomerToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(my_copy).status_code == 404

    CustomerToken.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    erase(ana, why="asked")
    assert client.post(my_copy).status_code == 404
