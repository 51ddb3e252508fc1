"""Who did what that is no event of a customer: rows that are only added."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from shop.audit import DEEDS
from shop.models import ApiKey, AuditRow, Setting
from tests import build

pytestmark = pytest.mark.django_db


def told():
    return [(row.kind, row.actor, row.subject_id) for row in AuditRow.objects.order_by("pk")]


@pytest.mark.parametrize("change", ["UPDATE shop_auditrow SET actor = ''", "DELETE FROM shop_auditrow"])
def test_a_row_can_neither_be_changed_nor_deleted(change, ada):
    AuditRow.write("staff.signed_in", by=ada)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_only_a_retention_clock_takes_rows_away(ada):
    AuditRow.write("staff.signed_in", by=ada)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL regulars.reason = 'retention:audit'")
        cursor.execute("DELETE FROM shop_auditrow")

    assert told() == []


def test_a_row_carries_the_keys_of_its_kind_and_no_others(ada):
    with pytest.raises(ValueError, match="carries"):
        AuditRow.write("staff.signed_in", by=ada, email="typed@people.example")


def test_a_sign_in_and_a_sign_out_leave_rows(client):
    sam = build.user("support")
    client.post(reverse("shop:login"), {"email": sam.email, "password": "a long password"})
    client.post(reverse("shop:logout"))

    assert told() == [("staff.signed_in", sam.actor, None), ("staff.signed_out", sam.actor, None)]


def test_a_failed_sign_in_says_whom_it_was_about_but_not_what_was_typed(client):
    sam = build.user("support")
    for email in (sam.email, "nobody@typed.example"):
        client.post(reverse("shop:login"), {"email": email, "password": "wrong and typed"})

    assert told() == [("staff.not_let_in", "", sam.pk), ("staff.unknown", "", None)]
    assert "typed" not in str(list(AuditRow.objects.values()))


def test_a_setting_says_who_set_what(ada):
    Setting.put("shop.name", "Tansy & Wren", by=ada)

    row = AuditRow.objects.get()
    assert (row.kind, row.actor, row.data) == (
        "setting.changed",
        ada.actor,
        {"name": "shop.name", "value": "Tansy & Wren"},
    )


def test_a_key_says_who_made_and_who_withdrew_it(ada):
    key, text = ApiKey.make("till", ["orders.add"], by=ada)
    key.withdraw(by=ada)

    assert told() == [("key.made", ada.actor, key.pk), ("key.withdrawn", ada.actor, key.pk)]
    assert text.partition(".")[2] not in str(list(AuditRow.objects.values()))


def test_the_words_of_a_deed_name_only_what_it_carries():
    for deed in DEEDS.values():
        assert str(deed.words) % {"about": "x", **dict.fromkeys(deed.keys, "x")}
