"""A file that is no table of that kind is refused as a whole: a sentence says why and where, and nothing comes in.

The same table for orders, customers and conversations.
"""

import gzip
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm.imports import sheets, workbook
from crm.models import Import
from tests.crm.imports.shapes import SHAPES, as_csv, as_xlsx, in_turns
from tests.digests import digests

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8
NO_TABLE = "This is not a CSV file"
LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FROM_OUTSIDE = '<!DOCTYPE x [<!ENTITY passwords SYSTEM "file:///etc/passwd">]>'
GROWS = {"crm_import", "crm_rejectedrow", "crm_savedmapping"}


def good(shape):
    return as_csv(shape.rows(1, 2, 3))


def twice(shape, spelling=str):
    return as_csv([[*row, cell] for row, cell in zip(shape.rows(1), [spelling(shape.header[0]), "x"], strict=True)])


def unclosed(shape, line):
    lines = good(shape).splitlines()
    lines[line - 1] = lines[line - 1].replace(",", ',"', 1)
    return "\n".join(lines) + "\n"


FILES = {
    "a picture named .csv": (lambda shape: PNG, NO_TABLE),
    "a PDF named .csv": (lambda shape: b"%PDF-1.7\n" + PNG, NO_TABLE),
    "any bytes": (lambda shape: bytes(range(256)) * 40, NO_TABLE),
    "words": (lambda shape: "just some words\nand more of them\n", NO_TABLE),
    "JSON": (lambda shape: '{"customers": [{"email": "eva@people.example"}]}\n', NO_TABLE),
    "empty": (lambda shape: "", "The file is empty."),
    "blank lines": (lambda shape: "\n \r\n\t\n", "The file is empty."),
    "a mark of UTF-8 and nothing else": (lambda shape: b"\xef\xbb\xbf", "The file is empty."),
    "header only": (lambda shape: as_csv([shape.header]), "has a header line and no rows"),
    "header and blank lines": (lambda shape: as_csv([shape.header]) + "\n\n", "has a header line and no rows"),
    "a quote not closed": (lambda shape: unclosed(shape, 3), "A quote is opened in line 3"),
    "a quote not closed in the last row": (lambda shape: unclosed(shape, 4), "A quote is opened in line 4"),
    "a column twice": (twice, "is there twice"),
    "a column twice, spelled otherwise": (lambda shape: twice(shape, lambda name: name.title()), "is there twice"),
    "a column missing": (lambda shape: "Colour,Size\nblue,12\n", "These columns are missing"),
    "letters of no code page": (lambda shape: good(shape).encode() + b"\x81\x8d\x8f\x90\x9d\n", "cannot be told"),
    "a cell of 200 kB over many lines": (
        lambda shape: good(shape) + as_csv([["x\n" * 100_000, *shape.row(4)[1:]]]),
        "In line 5 begins a cell of more than 128 kB",
    ),
    "gzip that ends early": (lambda shape: gzip.compress(good(shape).encode() * 500)[:-20], "ends early or is damaged"),
    "gzip of nothing": (lambda shape: gzip.compress(b""), "The file is empty."),
    "gzip of a picture": (lambda shape: gzip.compress(PNG), NO_TABLE),
    "an old Excel": (lambda shape: sheets.OLE + bytes(600) + b"Workbook" + bytes(600), "a file of an old Excel"),
    "Excel behind a password": (lambda shape: sheets.OLE + bytes(600) + sheets.LOCKED, "protected by a password"),
    "Excel of which nothing is left": (lambda shape: b"PK\x03\x04" + bytes(2000), "The Excel file is damaged"),
}


@in_turns(FILES)
def test_a_file_that_is_no_table_of_its_kind_is_refused(known, tmp_path, shape, value):
    make, sentence = FILES[value]
    content = make(shape)
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    before = digests(without=GROWS)

    with pytest.raises(CommandError) as refused:
        call_command(f"import_{shape.kind}", path)

    assert sentence in str(refused.value)
    assert digests(without=GROWS) == before


def spoil(path: Path, part: str, change) -> Path:
    """The same workbook with another content of one part; None takes the part away."""
    spoiled = path.with_name("spoiled.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoiled, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                content = change(content)
            if content is not None:
                new.writestr(name, content)
    return spoiled


def declared(declaration: str, entity: str):
    """Behind the XML declaration; the entity stands in the first text or attribute there is."""

    def change(content: bytes) -> bytes:
        head, mark, rest = content.decode().partition("?>")
        rest = rest.replace("Sheet", f"&{entity};", 1).replace("7", f"&{entity};")
        return (head + mark + declaration + rest).encode()

    return change


SHEET = "xl/worksheets/sheet1.xml"
BOOKS = {
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-400]) and path, "The Excel file is damaged"),
    "without its sheet": (lambda path: spoil(path, SHEET, lambda content: None), "The Excel file is damaged"),
    "without its list of sheets": (
        lambda path: spoil(path, "xl/workbook.xml", lambda content: None),
        "This is not a CSV file",
    ),
    "with a sheet that is no XML": (
        lambda path: spoil(path, SHEET, lambda content: content[: len(content) // 2] + b"<<<>"),
        "The Excel file is damaged",
    ),
    "unpacking to gigabytes": (
        lambda path: spoil(path, "docProps/app.xml", lambda content: bytes(workbook.UNPACKED + 1)),
        "The Excel file is too large",
    ),
    **{
        f"with {what} in {part}": (
            lambda path, part=part, text=text, entity=entity: spoil(path, part, declared(text, entity)),
            "The Excel file is damaged",
        )
        for what, text, entity in [
            ("entities that multiply", LAUGHS, "b"),
            ("an entity from outside", FROM_OUTSIDE, "passwords"),
        ]
        for part in ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels", SHEET]
    },
    "with a cell of 200 kB": (
        lambda path: spoil(
            path, "xl/sharedStrings.xml", lambda content: content.replace(b"2026-01-13", b"x" * 200_000, 1)
        ),
        "begins a cell of more than 128 kB",
    ),
}


def slow_if_large(name):
    return pytest.param(name, marks=[pytest.mark.slow] if "gigabytes" in name else [])


@pytest.mark.parametrize("name", [slow_if_large(name) for name in BOOKS])
@pytest.mark.parametrize("shape", SHAPES[:1], ids=str)
def test_a_workbook_that_is_broken_or_meant_to_do_harm_is_refused(known, media, tmp_path, shape, name):
    make, sentence = BOOKS[name]
    path = make(as_xlsx(tmp_path / "book.xlsx", shape.rows(1)))

    with pytest.raises(CommandError) as refused:
        call_command(f"import_{shape.kind}", path)

    assert sentence in str(refused.value)
    assert shape.here() == set()
    assert [*media.glob("*")] == []
    assert not Import.objects.exists()


def test_what_is_declared_in_a_part_of_xml_is_never_expanded():
    """The second guard: should a DOCTYPE stand further behind than is looked, its reader stops at it."""
    for text in (LAUGHS, FROM_OUTSIDE):
        with pytest.raises(workbook.No) as no:
            workbook.elements(f"<?xml version='1.0'?>{text}<sheets><sheet name='&a;'/></sheets>".encode(), "sheet")
        assert no.value.code == "excel_broken"


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_workbook_of_each_kind_without_rows_or_without_a_table_is_refused(known, tmp_path, shape):
    for rows, sentence in [
        ([], "The file is empty"),
        ([shape.header], "has a header line and no rows"),
        ([["words"], ["more"]], "The sheet “Sheet” holds no table"),
        ([["Colour", "Size"], ["blue", "12"]], "These columns are missing"),
    ]:
        with pytest.raises(CommandError, match=sentence):
            call_command(f"import_{shape.kind}", as_xlsx(tmp_path / "book.xlsx", rows))
    assert shape.here() == set()
