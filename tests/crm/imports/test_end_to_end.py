"""Customers and conversations from the command and from the pages: chosen, matched, looked at, applied, taken back."""

import csv
import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from crm.imports import jobs
from crm.models import Customer, Import, Note
from shop.models import Job
from tests import build
from tests.crm.imports.shapes import CONVERSATIONS, CUSTOMERS, as_csv, as_xlsx

BOTH = [CUSTOMERS, CONVERSATIONS]
STEPS = {jobs.READ: jobs.read_import, jobs.APPLY: jobs.apply_import, jobs.UNDO: jobs.undo_import}


def work():
    for job in Job.objects.due().order_by("pk"):
        claimed = Job.claim(job.pk)
        STEPS[job.kind].do(claimed)
        claimed.end(Job.State.DONE)


@pytest.fixture
def pages(as_manager, transactional_db, known):
    """Open a page of an import, or press one of its buttons and let a worker do what was asked for."""

    def page(name: str, brought: Import | None = None, **said) -> str:
        where = reverse(f"crm:{name}", args=[brought.pk] if brought else [])
        if name in ("import", "import_one") and not said:
            return as_manager.get(where).content.decode()
        answer = as_manager.post(where, said, follow=True)
        work()
        return answer.content.decode()

    return page


def upload(pages, content, name="file.csv", kind=""):
    pages("import", file=SimpleUploadedFile(name, content), source="shop", kind=kind)
    return Import.objects.latest("pk")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("shape", BOTH, ids=str)
def test_the_command_previews_applies_and_says_what_it_did(known, tmp_path, capsys, shape, form):
    rows = [*shape.rows(1, 2), shape.with_cell(3, shape.header[1], "?")]
    path = as_xlsx(tmp_path / "x.xlsx", rows) if form == "xlsx" else tmp_path / "x.csv"
    if form == "csv":
        path.write_text(as_csv(rows))

    call_command(f"import_{shape.kind}", path, preview=True)
    looked, came = capsys.readouterr().out, shape.here()
    call_command(f"import_{shape.kind}", path)
    applied = capsys.readouterr().out
    call_command(f"import_{shape.kind}", path)

    assert ("Would " in looked, came) == (True, set())
    assert f"Line 4, {shape.header[1]}: " in applied
    assert shape.here() == {"1", "2"}
    assert "the same as before: 2" in capsys.readouterr().out


def test_the_command_takes_columns_sheet_and_order_of_dates(known, tmp_path):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Read me").write(0, 0, "Nothing here")
        sheet = book.add_worksheet("Talks")
        sheet.write_row(0, 0, ["Who", "On", "Said"])
        sheet.write_row(1, 0, ["7", "03/04/2026", "Hello"])

    call_command(
        "import_conversations", path, sheet="Talks", dates="day", column=["customer_id=Who", "at=On", "body=Said"]
    )

    assert (Note.objects.get().at.month, Note.objects.get().at.day) == (4, 2)  # midnight of the shop in summer
    with pytest.raises(CommandError, match="These columns are missing"):
        call_command("import_conversations", path, sheet="Talks", column=["body=Nothing"])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("shape", BOTH, ids=str)
def test_on_the_pages_a_file_is_looked_at_applied_and_taken_back(pages, tmp_path, shape, form):
    rows = [*shape.rows(1, 2), shape.with_cell(3, shape.header[1], "?")]
    content = as_xlsx(tmp_path / "x.xlsx", rows).read_bytes() if form == "xlsx" else as_csv(rows).encode()

    brought = upload(pages, content, f"x.{form}", shape.kind)
    looked, came = pages("import_one", brought), shape.here()
    pages("import_application", brought)
    applied, here = pages("import_one", brought), shape.here()
    pages("import_undo", brought)

    assert ("1 row rejected" in looked, came) == (True, set())
    assert here == {"1", "2"}
    assert reverse("crm:import_undo", args=[brought.pk]) in applied
    assert "Taken back." in pages("import_one", brought)
    assert shape.here() == set()


def test_the_preview_of_customers_is_a_diff(pages, as_manager):
    ana = build.customer("Ana Lindqvist", email="ana@people.example", city="York", birthday="1980-01-02")
    rows = [["email", "phone", "city", "birthday", "tags"]]
    rows += [["ana@people.example", "07700 900199", "Ludlow", "1990-02-03", "VIP"]]

    shown = pages("import_one", upload(pages, as_csv(rows).encode()))

    assert "<del>York</del> → <ins>Ludlow</ins>" in shown
    assert all(f"<ins>{new}</ins>" in shown for new in ("07700 900199", "VIP"))
    assert "1990-02-03" not in shown.partition("What would change")[2]
    ana.refresh_from_db()
    assert ana.city == "York"


def test_another_sheet_is_chosen_on_the_page(pages, tmp_path):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("May", "June"):
            book.add_worksheet(name).write_column(0, 0, ["email", f"{name.lower()}@people.example"])
    brought = upload(pages, path.read_bytes(), "x.xlsx", "customers")

    pages("import_mapping", brought, kind="customers", sheet="June", dates="auto", decimal="auto")
    pages("import_application", brought)

    assert Customer.objects.get(identifiers__value="june@people.example")
    assert not Customer.objects.filter(identifiers__value="may@people.example").exists()


def test_another_kind_is_chosen_on_the_page_and_the_columns_are_guessed_anew(pages):
    brought = upload(
        pages, as_csv([["customer_id", "date", "note"], ["7", "2026-01-13", "Hello"]]).encode(), kind="orders"
    )
    said = {"encoding": "utf-8", "delimiter": ",", "dates": "auto", "decimal": "auto"}

    pages("import_mapping", brought, kind="conversations", **said)
    pages("import_application", brought)

    assert Note.objects.get().body == "Hello"


@pytest.mark.parametrize("kept_as", ["", "Old system"])
def test_choices_made_once_are_used_for_the_next_file(pages, kept_as):
    said = {"kind": "customers", "encoding": "utf-8", "delimiter": ",", "dates": "day", "decimal": "auto"}
    chosen = {"column_email": "Write to", "column_given_name": "Calls herself"}
    files = [as_csv([["Write to", "Calls herself"], [f"{n}@people.example", f"{n}"]]).encode() for n in (1, 2)]
    first = upload(pages, files[0], kind="customers")
    pages("import_mapping", first, **said, **chosen, keep_as=kept_as)
    pages("import_application", first)

    second = upload(pages, files[1], kind="customers")
    shown = pages("import_one", second)
    pages("import_application", second)

    assert "as last time" in shown
    assert CUSTOMERS.here() == {"1", "2"}


def test_progress_is_shown_while_a_worker_is_busy(pages):
    brought = upload(pages, as_csv(CUSTOMERS.rows(1, 2)).encode())
    wanted = jobs.request(brought, jobs.APPLY, None)
    Job.claim(wanted.pk).progress(jobs.STAGES["numbers"], 1, 5)

    shown = pages("import_one", brought)

    assert "Writing what they are known by" in shown
    assert "All of it comes in at one go, or nothing. You can leave this page." in shown


@pytest.mark.parametrize("shape", BOTH, ids=str)
def test_rejected_rows_are_downloaded_put_right_and_uploaded_again(pages, as_manager, shape):
    brought = upload(pages, as_csv([*shape.rows(1), shape.with_cell(2, shape.header[1], "?")]).encode())
    pages("import_application", brought)
    answer = as_manager.get(reverse("crm:import_rejected", args=[brought.pk]))
    table = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    table[1][3:] = shape.row(2)

    again = upload(pages, as_csv(table).encode())
    pages("import_application", again)

    assert shape.here() == {"1", "2"}
