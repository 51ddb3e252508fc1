"""One sheet of an .xlsx as CSV of ours. Run as a program of its own, with a limit to its memory, so that a workbook
that unpacks to gigabytes ends here and takes nobody along.

    python workbook.py WORKBOOK CSV [SHEET]

It prints one JSON object: {"sheet", "sheets", "first"} or {"refused": code, "params": {}}.
"""

import csv
import json
import math
import re
import resource
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.parsers import expat

import python_calamine as calamine

MEMORY = 300 * 1024 * 1024  # of addresses, so that it never takes more of the real ones
UNPACKED = 400 * 1024 * 1024
BLOCK = 1024 * 1024
START = 4_000  # bytes, in which a DOCTYPE would stand
TAG = 4_000  # bytes, longer than any opening tag of a cell
ERROR = re.compile(rb'<c\b[^<>]*?\bt="e"[^<>]*>')
ADDRESS = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
ERROR_TEXT = "#N/A"
SHEETS = 100  # whose names are told
LONGEST = 131_072  # letters of a cell, as in CSV


class TooLong(Exception):
    """No spreadsheet makes a cell like that."""


class No(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def turn(workbook: str, target: str, wanted: str = "") -> dict[str, Any]:
    check(workbook)
    book = calamine.CalamineWorkbook.from_path(workbook)
    names = [one.name for one in book.sheets_metadata if _is_shown(one)]
    if wanted and wanted not in names:
        raise No("no_sheet", sheets=", ".join(names[:SHEETS])[:500])
    for name in [wanted] if wanted else names:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is not None:
            first = write(sheet, target, errors(workbook, name))
            return {"sheet": name, "sheets": names[:SHEETS], "first": first}
    raise No("empty")


def _is_shown(sheet: Any) -> bool:
    return sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible


def check(workbook: str) -> None:
    with zipfile.ZipFile(workbook) as packed:
        names = set(packed.namelist())
        if "xl/workbook.bin" in names:
            raise No("old_excel")
        if "xl/workbook.xml" not in names:
            raise No("not_csv")
        if sum(part.file_size for part in packed.infolist()) > UNPACKED:
            raise No("sheet_too_large")
        for part in names:
            if part.endswith((".xml", ".rels")):
                _check_start(packed, part)


def _check_start(packed: zipfile.ZipFile, part: str) -> None:
    """What declares entities is refused, whoever reads it and whatever that one does with them."""
    with packed.open(part) as xml:
        start = xml.read(START)
    if b"<!DOCTYPE" in start.replace(b"\0", b"") or b"<!ENTITY" in start.replace(b"\0", b""):
        raise No("excel_broken")


def write(sheet: Any, target: str, wrong: set[tuple[int, int]]) -> int:
    """The row of the sheet in which the header stands, from 1. Rows above it are not written, empty ones below are."""
    left, header, empty = sheet.start[1], 0, 0
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        for number, row in enumerate(sheet.iter_rows(), start=1):
            try:
                cells = [*map(said, row)]
            except TooLong:
                raise No("long_cell", line=number) from None
            if wrong:
                cells = [ERROR_TEXT if (number, left + at) in wrong else cell for at, cell in enumerate(cells)]
            if not any(cells):
                empty += bool(header)
                continue
            file.write("\n" * empty)
            out.writerow(cells if header else [" ".join(cell.split()) for cell in cells])
            header, empty = header or number, 0
    return header


def said(cell: Any) -> str:
    if isinstance(cell, str):
        if len(cell) > LONGEST:
            raise TooLong
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return number(cell)
    return moment(cell)


def number(cell: float) -> str:
    """12 and not 12.0. Of fifteen digits, as a spreadsheet shows them; three after the point get a nought more, so
    that the point cannot be read as one of thousands."""
    if not math.isfinite(cell):
        return str(cell)
    if cell == int(cell):
        return str(int(cell))
    text = format(Decimal(format(cell, ".15g")), "f")
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def moment(cell: datetime | date | time | timedelta) -> str:
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(cell, datetime):
        if cell.year < 9999:  # the last year there is
            cell += timedelta(microseconds=500_000)
        return cell.replace(microsecond=0).isoformat(" ")
    return cell.isoformat()


def errors(workbook: str, name: str) -> set[tuple[int, int]]:
    """(row from 1, column from 0) of the cells that hold #N/A and its like; they would be read as empty ones."""
    found = set()
    with zipfile.ZipFile(workbook) as packed:
        part = _part(packed, name)
        for tag in _error_tags(packed, part) if part else ():
            if address := ADDRESS.search(tag):
                found.add((int(address[2]), _column(address[1])))
    return found


def _error_tags(packed: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with packed.open(part) as sheet:
        rest = b""
        while block := sheet.read(BLOCK):
            seen = rest + block
            if b't="e"' in seen:
                yield from ERROR.findall(seen)
            rest = seen[-TAG:]


def _part(packed: zipfile.ZipFile, name: str) -> str:
    """The part of the package that holds the sheet of that name."""
    relations = elements(packed.read("xl/_rels/workbook.xml.rels"), "Relationship")
    target = {one.get("Id", ""): one.get("Target", "") for one in relations}
    for sheet in elements(packed.read("xl/workbook.xml"), "sheet"):
        if sheet.get("name") == name:
            relation = next((value for key, value in sheet.items() if key.endswith(":id")), "")
            path = target.get(relation, "")
            path = path.removeprefix("/") if path.startswith("/") else f"xl/{path}"
            return path if path in packed.namelist() else ""
    return ""


def elements(xml: bytes, name: str) -> list[dict[str, str]]:
    """The attributes of every element of that name, whatever prefix its namespace has."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _declares
    parser.StartElementHandler = lambda tag, attributes: (
        found.append(attributes) if tag.rpartition(":")[2] == name else None
    )
    parser.Parse(xml, True)
    return found


def _declares(*_said: object) -> None:
    """Entities that multiply or come from outside need a DOCTYPE; no spreadsheet writes one."""
    raise No("excel_broken")


def _column(letters: bytes) -> int:
    """A is 0, AA is 26."""
    at = 0
    for letter in letters:
        at = at * 26 + letter - 64
    return at - 1


def main(arguments: Sequence[str]) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        return turn(*arguments)
    except No as no:
        return {"refused": no.code, "params": no.params}
    except calamine.PasswordError:
        return {"refused": "excel_password", "params": {}}
    except MemoryError:
        return {"refused": "sheet_too_large", "params": {}}
    except BaseException:  # whatever a broken file makes of the reader, a panic in it too
        return {"refused": "excel_broken", "params": {}}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
