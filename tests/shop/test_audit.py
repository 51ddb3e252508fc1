"""Who did what that is no event of a customer: rows that are only added."""

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.urls import ResolverMatch, resolve, reverse
from django.utils.module_loading import import_string

from shop.access import PUBLIC, all_patterns, declared
from shop.audit import DEEDS
from shop.models import ApiKey, AuditRow, Setting
from shop.preference_forms import PreferencesForm
from shop.tracing import LeavesATrace, address
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


STAFF_SEND = {
    name: (route, pattern)
    for route, name, pattern in all_patterns()
    if not route.startswith("api/") and declared(pattern.callback, "POST") not in (None, PUBLIC)
}
# What changes settings, rights, keys, staff, files in and out, cards as a whole and backups always leaves a trace.
ALWAYS = (
    *("shop:staff", "shop:key", "shop:settings", "shop:backup", "crm:export", "crm:erasure", "crm:merge"),
    *("crm:import_app", "crm:import_undo", "crm:privacy", "crm:webhook", "crm:audit", "crm:clocks"),
)


def test_what_leaves_no_trace_is_an_address_of_the_staff_and_says_why():
    untraced = import_string(settings.UNTRACED)

    assert untraced.keys() <= STAFF_SEND.keys()
    assert all(untraced.values())
    assert not [name for name in untraced if name.startswith(ALWAYS)]


def test_what_staff_send_leaves_a_trace_or_is_on_the_list(rf, ada):
    """Of views that write nothing themselves: whichever address one stands at, what was taken leaves a row."""
    request = rf.post("/")
    request.user = ada
    for name, (route, pattern) in STAFF_SEND.items():
        room, _colon, short = name.partition(":")
        request.resolver_match = ResolverMatch(pattern.callback, (), {}, short, None, [room], route=route)
        LeavesATrace(lambda asked: HttpResponse(status=302))(request)

    traced = len(STAFF_SEND.keys() - import_string(settings.UNTRACED).keys())
    assert [row.kind for row in AuditRow.objects.all()] == ["form.sent"] * traced
    assert traced > 100


def test_what_was_refused_leaves_none(as_support):
    as_support.post(reverse("shop:staff"), {"name": "X", "email": "x@shop.example", "role": "support"})
    as_support.post(reverse("crm:task_new"), {})

    assert not AuditRow.objects.exclude(kind="staff.signed_in").exists()


def test_what_wrote_its_own_trace_leaves_no_second_one(as_administrator, ada):
    as_administrator.post(reverse("shop:profile"), {"name": "Ada P.", "language": "en", "theme": "dark"})
    screen = reverse("shop:settings_screen", args=["privacy"])
    as_administrator.post(screen, {**screen_values("privacy"), "privacy-years": 3})

    assert [row.kind for row in AuditRow.objects.order_by("pk")] == ["staff.profile_changed", "setting.changed"]


def screen_values(screen):
    form = PreferencesForm(screen)
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}


def test_the_row_names_numbers_of_the_address_and_no_texts():
    match = resolve("/customers/7/fields/birthday/")

    assert address(match) == "/customers/7/fields/…/"


DEEDS_OF_STAFF = [
    ("shop:staff", {"name": "Kim", "email": "kim@shop.example", "role": "support"}, "staff.invited"),
    ("shop:staff_role", {"role": "manager"}, "staff.role_changed"),
    ("shop:staff_access", {"allowed": "0"}, "staff.shut_out"),
    ("shop:keys", {"name": "till", "scopes": ["orders.add"], "days": "30"}, "key.made"),
    ("shop:backup_take", {}, "backup.asked"),
    ("crm:clocks", {}, "clocks.asked"),
]


@pytest.mark.parametrize(("name", "sent", "kind"), DEEDS_OF_STAFF, ids=[name for name, *_rest in DEEDS_OF_STAFF])
def test_staff_keys_and_backups_leave_rows_of_their_own(name, sent, kind, as_administrator, ada, sam):
    args = [sam.pk] if name in ("shop:staff_role", "shop:staff_access") else []
    assert as_administrator.post(reverse(name, args=args), sent).status_code in (200, 302)

    assert [(row.kind, row.actor) for row in AuditRow.objects.all()] == [(kind, ada.actor)]


def test_the_words_of_a_deed_name_only_what_it_carries():
    for deed in DEEDS.values():
        assert str(deed.words) % {"about": "x", **dict.fromkeys(deed.keys, "x")}
