"""However a table is written, it comes in whole: nothing rejected, and nothing changed on the way."""

import gzip

import pytest
from django.urls import reverse

from crm.imports import running
from crm.models import Customer, CustomField, Import, Note, Refund
from crm.models.consent import ConsentInForce
from tests.crm.imports.shapes import CONVERSATIONS, CUSTOMERS, ORDERS, SHAPES, as_csv, as_xlsx, in_turns

every_kind = pytest.mark.parametrize("shape", SHAPES, ids=str)

TOWNS = {
    "cp1251": "Київ, вулиця Хрещатик; Москва, Тверская",
    "cp1250": "Łódź, Świętokrzyska; Gdańsk, Żabianka",
    "cp1252": "Zürich, à côté du château; Málaga",
    "latin-1": "Genève, Père-Lachaise; Köln",
}


@in_turns(
    [
        ("utf-8", ","),
        ("utf-8", ";"),
        ("utf-8", "\t"),
        ("utf-8", "|"),
        ("utf-8-sig", ";"),
        ("utf-16", "\t"),
        ("utf-16-le", "|"),
        ("utf-16-be", ","),
        ("cp1251", ";"),
        ("cp1250", "\t"),
        ("cp1252", "|"),
        ("latin-1", ";"),
    ]
)
def test_encodings_and_separators_are_found_out(take, shape, value):
    encoding, separator = value
    town = TOWNS.get(encoding, TOWNS["cp1251"])
    rows = [[*row, town] for row in shape.rows(1, 2, 3)]
    rows[0][-1] = "Remark"

    brought = take(shape.kind, as_csv(rows, separator, "\r\n").encode(encoding))

    assert shape.here() == {"1", "2", "3"}
    assert not brought.rejected.exists()
    assert town in brought.file.read_bytes().decode(brought.mapping["encoding"])


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("cp1250", "Łódź"),
        ("cp1251", "Ян Іваненко"),
        ("cp1252", "José Muñoz"),
        ("cp1252", "Größe"),
        ("cp1252", "£5 – ok"),
    ],
)
def test_one_name_is_enough_to_tell_the_code_page(take, page, text):
    take("customers", f"customer_id,given_name\n1,{text}\n".encode(page))

    assert Customer.objects.get(given_name=text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@every_kind
def test_any_line_end(take, shape, end):
    take(shape.kind, as_csv(shape.rows(1, 2, 3), end=end))

    assert shape.here() == {"1", "2", "3"}


def mixed_line_ends(text):
    return text.replace("\n", "\r\n", 1)


def blank_lines(text):
    return "\n \n" + text.replace("\n", "\n\n") + "\n\n"


def no_last_line_end(text):
    return text.rstrip("\n")


def separators_at_every_end(text):
    return text.replace("\n", ",,\n")


def separators_after_rows_only(text):
    head, _, rest = text.partition("\n")
    return f"{head}\n{rest}".replace(f"\n{rest}", "\n" + rest.replace("\n", ",\n"))


def separators_after_the_header_only(text):
    return text.replace("\n", ",,\n", 1)


def a_line_that_names_the_separator(text):
    return "sep=,\n" + text


def everything_quoted(text):
    return "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines())


def header_in_capitals_and_spaces(text):
    head, _, rest = text.partition("\n")
    return head.replace("_", " ").title() + "\n" + rest


def a_line_end_in_the_header(text):
    return text.replace("customer_id", '"customer\nid"', 1)


@in_turns(
    [
        mixed_line_ends,
        blank_lines,
        no_last_line_end,
        separators_at_every_end,
        separators_after_rows_only,
        separators_after_the_header_only,
        a_line_that_names_the_separator,
        everything_quoted,
        header_in_capitals_and_spaces,
        a_line_end_in_the_header,
    ]
)
def test_habits_of_exporters_do_no_harm(take, shape, value):
    brought = take(shape.kind, value(as_csv(shape.rows(1, 2, 3))))

    assert (shape.here(), brought.rejected.count()) == ({"1", "2", "3"}, 0)


@every_kind
def test_what_a_file_is_its_bytes_say_and_not_its_name(take, shape, tmp_path):
    table, book = tmp_path / "table.xlsx", as_xlsx(tmp_path / "book.xlsx", shape.rows(2))
    table.write_text(as_csv(shape.rows(1)))
    packed = tmp_path / "packed.csv"
    packed.write_bytes(gzip.compress(as_csv(shape.rows(3)).encode()))

    for path in (table, book.rename(tmp_path / "book.csv"), packed):
        take(shape.kind, path)

    assert shape.here() == {"1", "2", "3"}


@pytest.mark.parametrize(
    "text",
    [
        'She said "blue"',
        "a, b; c\td | e",
        "first\nsecond\r\nthird",
        "'quoted'",
        '"',
        "back\\slash \\N \\.",
        "x\u2028y\u00a0z",
        "👍 e\u0301",
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_text_comes_in_letter_by_letter(take, tmp_path, form, text):
    rows = [["customer_id", "at", "body"], ["7", "2026-01-13", text]]
    if form == "xlsx":
        text = text.replace("\r\n", "\n")  # XML knows one line end
        rows[1][2] = text

    take("conversations", as_csv(rows) if form == "csv" else as_xlsx(tmp_path / "x.xlsx", rows))

    assert Note.objects.get().body == text


@pytest.mark.parametrize("text", ["=2+5", "+five", "-x", "@home", "=cmd|' /C calc'!A0"])
def test_what_would_be_a_formula_is_text_and_one_apostrophe_of_an_export_comes_off(take, known, text):
    CustomField.define(key="note", label="Note", kind="text", actor="")
    rows = [[str(n), *3 * [written]] for n, written in enumerate((text, f"'{text}", f"''{text}"))]

    take("customers", as_csv([["customer_id", "given_name", "about", "custom.note"], *rows]))

    cards = Customer.objects.exclude(pk=known.pk).order_by("pk")
    assert [{card.given_name, card.about, card.custom["note"]} for card in cards] == [{text}, {text}, {f"''{text}"}]


def test_an_apostrophe_before_a_number_or_a_date_comes_off_too(take):
    row = ["'+7", "'-A", "2026-01-13", "'-5,00 zł"]

    take("orders", as_csv([ORDERS.header[:4], row]))

    refund = Refund.objects.get()
    assert (refund.customer.identifiers.get().value, refund.reference, refund.amount) == ("+7", "-A", 5)


@pytest.mark.parametrize(
    ("word", "means"),
    [
        *[(word, "refused") for word in ("No", "false", "0", "unsubscribed", "нет", "ЛОЖЬ", "отказ")],
        *[(word, "refused") for word in ("Ні", "ХИБНІСТЬ", "відмова", "NIE", "FAŁSZ", "odmowa")],
        *[(word, "") for word in ("Yes", "true", "1", "да", "ИСТИНА", "так", "ІСТИНА", "tak", "PRAWDA", "")],
    ],
)
def test_a_no_is_understood_in_four_languages_and_a_yes_never_loosens(take, word, means):
    take("customers", as_csv([["email", "consent_offers"], ["eva@people.example", word]]))

    held = ConsentInForce.objects.filter(purpose="offers", address="eva@people.example")
    assert [row.state for row in held] == ([means] if means else [])


@pytest.mark.parametrize(
    ("word", "refunds"),
    [("sale", 0), ("Продажа", 0), ("замовлення", 0), ("zwrot", 1), ("Возврат", 1), ("скасування", 1), ("refund", 1)],
)
def test_a_kind_of_order_is_understood_in_four_languages(take, known, word, refunds):
    take("orders", as_csv([ORDERS.header, ORDERS.with_cell(1, "kind", word)]))

    assert known.refunds.count() == refunds


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("shape", [ORDERS, CUSTOMERS, CONVERSATIONS], ids=str)
def test_a_file_that_changed_between_preview_and_applying_is_not_applied(take, as_manager, mira, tmp_path, shape, form):
    path = tmp_path / f"x.{form}"
    if form == "csv":
        path.write_text(as_csv(shape.rows(1)))
    else:
        as_xlsx(path, shape.rows(1))
    begun = running.begin(path, name=path.name, source="shop", kind=shape.kind, owns_file=False)
    running.read(begun)
    with begun.file.open("a") as read:
        read.write(as_csv([shape.row(2)]))

    with pytest.raises(running.Refused, match="has changed since the preview"):
        running.apply(begun)

    assert shape.here() == set()
    assert Import.objects.get().applied_at is None
    assert as_manager.get(reverse("crm:import_one", args=[begun.pk])).status_code == 200
