from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from shop.models import LastAdministrator, StaffToken, User
from tests import build


def test_a_role_is_changed_and_access_taken_and_given_back(as_administrator, sam):
    as_administrator.post(f"/settings/staff/{sam.pk}/role/", {"role": "manager"})
    sam.refresh_from_db()
    assert sam.role == "manager"

    as_administrator.post(f"/settings/staff/{sam.pk}/access/", {"allowed": "0"})
    sam.refresh_from_db()
    assert not sam.is_active

    as_administrator.post(f"/settings/staff/{sam.pk}/access/", {"allowed": "1"})
    sam.refresh_from_db()
    assert sam.is_active


def test_the_last_administrator_cannot_be_removed(as_administrator, ada):
    build.user("administrator", email="gone@shop.example").deactivate()
    invited = User.objects.create_user("invited@shop.example", name="I", role="administrator")
    assert invited.is_invited

    by_role = as_administrator.post(f"/settings/staff/{ada.pk}/role/", {"role": "support"})
    by_access = as_administrator.post(f"/settings/staff/{ada.pk}/access/", {"allowed": "0"})

    assert (by_role.status_code, by_access.status_code) == (409, 409)
    assert "last administrator" in by_role.content.decode()
    ada.refresh_from_db()
    assert (ada.role, ada.is_active) == ("administrator", True)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_the_same_moment(monkeypatch):
    one, two = build.user("administrator"), build.user("administrator")
    looked = []
    plain = User._leave_an_administrator

    def slow(self):
        plain(self)
        looked.append(self.pk)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")

    monkeypatch.setattr(User, "_leave_an_administrator", slow)

    def remove(user):
        try:
            user.deactivate()
            return "removed"
        except LastAdministrator:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        results = sorted(threads.map(remove, (one, two)))

    assert results == ["refused", "removed"]


@pytest.mark.parametrize("role", ["", "owner", "administrator\x00"])
def test_an_unknown_role_is_refused(as_administrator, sam, role):
    assert as_administrator.post(f"/settings/staff/{sam.pk}/role/", {"role": role}).status_code == 400

    sam.refresh_from_db()
    assert sam.role == "support"


def test_an_e_mail_is_invited_once(as_administrator, sam):
    response = as_administrator.post("/settings/staff/", {"email": "SAM@shop.example", "name": "S", "role": "support"})

    assert response.status_code == 422
    assert "already an account" in response.content.decode()


def test_everyone_chooses_language_theme_and_name(as_support, sam):
    as_support.post("/profile/", {"name": "Sam A.", "language": "pl", "theme": "dark", "role": "administrator"})

    sam.refresh_from_db()
    assert (sam.name, sam.language, sam.theme, sam.role) == ("Sam A.", "pl", "dark", "support")
    page = as_support.get("/profile/")
    assert page.headers["Content-Language"] == "pl"
    assert 'data-theme="dark"' in page.content.decode()


def test_a_new_password_needs_the_old_one_and_keeps_this_session(as_support, sam):
    wrong = as_support.post("/profile/password/", {"current": "no", "password": "seven green lamps"})
    assert wrong.status_code == 422

    as_support.post("/profile/password/", {"current": "a long password", "password": "seven green lamps"})

    sam.refresh_from_db()
    assert sam.check_password("seven green lamps")
    assert as_support.get("/profile/").status_code == 200


def test_guessing_the_password_of_an_open_session_is_counted(as_support, sam):
    for _ in range(5):
        as_support.post("/profile/password/", {"current": "no", "password": "seven green lamps"})
    as_support.post("/profile/password/", {"current": "a long password", "password": "seven green lamps"})

    sam.refresh_from_db()
    assert sam.check_password("a long password")


def run(*args):
    said = StringIO()
    call_command("create_administrator", *args, stdout=said)
    return said.getvalue()


def test_an_administrator_is_made_with_a_password_from_the_environment(db, monkeypatch):
    monkeypatch.setenv("REGULARS_PASSWORD", "seven green lamps")

    run("--email", "Eva@shop.example", "--name", "Eva")

    eva = User.objects.get(email="eva@shop.example")
    assert eva.role == "administrator"
    assert eva.check_password("seven green lamps")


def test_without_a_password_the_command_prints_a_link(db, monkeypatch):
    monkeypatch.delenv("REGULARS_PASSWORD", raising=False)

    said = run("--email", "eva@shop.example", "--name", "Eva")

    secret = said.strip().rstrip("/").rsplit("/", 1)[1]
    assert StaffToken.find(secret, purpose="invite").user.email == "eva@shop.example"


def test_the_command_lets_somebody_in_again(sam, monkeypatch):
    monkeypatch.setenv("REGULARS_PASSWORD", "seven green lamps")
    sam.deactivate()

    run("--email", sam.email)

    sam.refresh_from_db()
    assert (sam.role, sam.is_active, sam.name) == ("administrator", True, "Sam Ashby")


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [("nonsense", "seven green lamps", "not an e-mail"), ("eva@shop.example", "short", "too short")],
)
def test_the_command_says_what_is_wrong(db, monkeypatch, email, password, said):
    monkeypatch.setenv("REGULARS_PASSWORD", password)

    with pytest.raises(CommandError, match=said), transaction.atomic():
        run("--email", email, "--name", "Eva")

    assert not User.objects.exists()
