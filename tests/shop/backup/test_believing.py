"""What is not a whole backup of this shop is refused, in a sentence, before anything is restored."""

import json
from datetime import UTC, datetime

import pytest

from shop.backup import evidence, shelf
from shop.backup.manifest import Manifest, described
from shop.backup.refusal import Refusal

PROMISED = evidence.Evidence(
    tables={"crm_customer": (2, "17"), "crm_order": (5, "4")},
    schema={"triggers": {"count": 3, "sha256": "a"}},
    migrations=["crm.0001_initial"],
)


@pytest.fixture
def folder(tmp_path):
    return backup_in(tmp_path / "2026-11-22T030000Z")


def backup_in(folder, made_at=datetime(2026, 11, 22, 3, tzinfo=UTC), migrations=("crm.0001_initial",)):
    folder.mkdir(parents=True)
    (folder / "database.dump").write_bytes(b"PGDMP" * 100)
    (folder / "files.tar").write_bytes(b"")
    files = {name: described(folder / name) for name in ("database.dump", "files.tar")}
    Manifest(made_at, "own", 18, {**PROMISED, "migrations": [*migrations]}, 0, files).write(folder)
    return folder


def believe(folder, **how):
    manifest = Manifest.read(folder, **how)
    manifest.check_version()
    manifest.check_files(folder)
    return manifest


def test_a_whole_backup_of_this_shop_is_believed(folder):
    assert believe(folder).rows == 7


def test_a_dump_cut_short_is_refused(folder):
    dump = folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-1])

    with pytest.raises(Refusal, match="cut short: it should have 500 bytes"):
        believe(folder)


def test_a_dump_with_one_byte_changed_is_refused(folder):
    dump = folder / "database.dump"
    dump.write_bytes(b"Q" + dump.read_bytes()[1:])

    with pytest.raises(Refusal, match="changed after the backup was made"):
        believe(folder)


def test_who_changes_the_dump_and_the_checksum_beside_it_is_found_out_by_the_signature(folder):
    dump = folder / "database.dump"
    dump.write_bytes(b"Q" + dump.read_bytes()[1:])
    told = json.loads((folder / "manifest.json").read_text())
    told["files"]["database.dump"] = described(dump)
    (folder / "manifest.json").write_text(json.dumps(told))

    with pytest.raises(Refusal, match="its signature does not fit SECRET_KEY"):
        believe(folder)


def test_a_backup_of_a_shop_with_another_key_is_refused_unless_somebody_vouches_for_it(folder, settings):
    settings.SECRET_KEY = "of another shop"

    with pytest.raises(Refusal, match="made by another shop"):
        believe(folder)
    assert believe(folder, foreign=True).rows == 7


def test_a_key_that_was_replaced_still_vouches_for_its_backups(folder, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the new one"

    assert believe(folder).rows == 7


def test_a_backup_of_the_demo_is_not_restored_into_the_shop(folder, settings):
    settings.SHOP = "demo"

    with pytest.raises(Refusal, match="a backup of the own shop, and this is the demo shop"):
        believe(folder)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": 1, "signature": ""}', "\x00"])
def test_what_has_no_list_that_can_be_read_is_not_a_backup(folder, text):
    (folder / "manifest.json").write_text(text)

    with pytest.raises(Refusal, match="is not a backup"):
        believe(folder)


def test_a_backup_without_its_dump_is_refused(folder):
    (folder / "database.dump").unlink()

    with pytest.raises(Refusal, match=r"database\.dump is missing"):
        believe(folder)


def test_a_backup_of_a_newer_version_is_refused(tmp_path):
    folder = backup_in(tmp_path / "newer", migrations=["crm.0001_initial", "crm.9999_of_next_year"])

    with pytest.raises(Refusal, match=r"knows crm\.9999_of_next_year\): upgrade first"):
        believe(folder)


def test_a_row_or_a_value_or_a_trigger_less_is_named():
    found = evidence.Evidence(
        tables={"crm_customer": (1, "17"), "crm_order": (5, "5"), "crm_new": (0, "0")},
        schema={"triggers": {"count": 2, "sha256": "b"}},
        migrations=[],
    )

    assert list(evidence.differences(PROMISED, PROMISED)) == []
    assert list(evidence.differences(PROMISED, found)) == [
        "crm_customer has 1 rows, not 2",
        "table crm_new is not in the list",
        "crm_order has the right number of rows, but other values",
        "triggers differ: 2 found, 3 promised",
    ]


def test_the_newest_stay_and_never_goes_the_last_that_was_proved(tmp_path, settings):
    settings.BACKUP_ROOT = tmp_path
    for day in (19, 20, 21, 22):
        backup_in(tmp_path / f"2026-11-{day}T030000Z", datetime(2026, 11, day, 3, tzinfo=UTC))
    shelf.note(tmp_path / "2026-11-20T030000Z", [])
    shelf.note(tmp_path / "2026-11-22T030000Z", ["crm_order has 4 rows, not 5"])

    assert shelf.tidy(keep=2) == 1

    assert [backup.name[8:10] for backup in shelf.backups()] == ["22", "21", "20"]
    assert [backup.is_proved for backup in shelf.backups()] == [False, False, True]
    assert shelf.last_proved() == datetime(2026, 11, 20, 3, tzinfo=UTC)
