"""In which code page a text is written, when it is not Unicode: told by its letters.

Cyrillic words have no plain letter in them, Latin ones with marks have. Of the two Latin pages the one
counts whose letters make up a language; where both would, the bytes mostly mean the same letters.
"""

import re

WORDS = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff]+[A-Za-z\x80-\xff]*")
PRICE = re.compile(rb"\xa3(?=[^A-Za-z\x80-\xff]|$)")  # pounds, not a letter
WHOLE = re.compile(rb"(?<![A-Za-z\x80-\xff])[\x80-\xff]{2,}(?![A-Za-z\x80-\xff])")
ENOUGH = 0.6  # of the letters; less is no text that anybody wrote

CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў"
WESTERN = "àáâãäåæçèéêëìíîïñòóôõöøùúûüßœ"
EASTERN = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čćđšž",  # Croatian, Slovene
    "ăâîşţ",  # Romanian
)


def code_page(odd: bytes) -> str:
    """`odd`: the words with bytes that are not ASCII. Empty when they are of none of the pages known here."""
    odd = PRICE.sub(b"", odd)
    total = sum(byte > 127 for byte in odd)
    in_rows = sum(map(len, WHOLE.findall(odd)))
    if in_rows * 2 > total and _share(odd, "cp1251", CYRILLIC) >= ENOUGH:
        return "cp1251"
    western = _share(odd, "cp1252", WESTERN)
    eastern = max(_share(odd, "cp1250", language) for language in EASTERN)
    if max(western, eastern) < ENOUGH:
        return "cp1251" if _share(odd, "cp1251", CYRILLIC) >= ENOUGH else ""
    return "cp1252" if western >= eastern else "cp1250"


def _share(odd: bytes, page: str, letters: str) -> float:
    """How many of the letters that are not ASCII are of these; signs count on neither side."""
    try:
        text = odd.decode(page)
    except UnicodeDecodeError:
        return 0
    found = [letter for letter in text.lower() if letter > "\x7f" and (letter.isalnum() or letter in "¿¯Ÿ")]
    return sum(letter in letters for letter in found) / len(found) if found else 1
