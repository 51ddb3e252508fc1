import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from doors import translations
from doors.refusal import Refusal

ONE = "Open the card"
MANY = ("%(n)s task", "%(n)s tasks")


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A Russian catalogue of its own, and a product that says two things."""
    said = Catalog()
    said.add(ONE, locations=[("crm/today.py", 1)])
    said.add(MANY, locations=[("crm/today.py", 1)])
    monkeypatch.setattr(translations, "template", lambda: said)
    monkeypatch.setattr(translations, "LANGUAGES", ("ru",))
    monkeypatch.setattr(translations, "catalogue_path", lambda language: tmp_path / "django.po")

    def write(one="Открыть карточку", many=("%(n)s задача", "%(n)s задачи", "%(n)s задач"), **details):
        catalog = Catalog(locale="ru", fuzzy=False)
        catalog.add(ONE, one, **details)
        catalog.add(MANY, many)
        with (tmp_path / "django.po").open("wb") as file:
            write_po(file, catalog)

    return write


def test_a_full_catalogue_has_no_problems(catalogue):
    catalogue()

    assert translations.problems() == []


def test_a_language_without_a_file_misses_every_text(catalogue):
    problems = translations.problems()

    assert problems == [
        "ru: missing: 'Open the card' (crm/today.py)",
        "ru: missing: '%(n)s task' (crm/today.py)",
    ]


def test_an_empty_text_is_named(catalogue):
    catalogue(one="")

    assert translations.problems() == ["ru: not translated: 'Open the card' (crm/today.py)"]


def test_a_count_lacking_one_of_its_forms_is_named(catalogue):
    catalogue(many=("%(n)s задача", "%(n)s задачи", ""))

    assert translations.problems() == ["ru: not translated: '%(n)s task' (crm/today.py)"]


def test_a_guess_is_no_translation(catalogue):
    catalogue(flags=["fuzzy"])

    assert translations.problems() == ["ru: fuzzy: 'Open the card' (crm/today.py)"]


def test_a_placeholder_the_original_lacks_is_named(catalogue):
    catalogue(many=("%(n)s задача", "%(k)s задачи", "%(n)s задач"))

    assert translations.problems() == ["ru: other placeholders: '%(n)s task' (crm/today.py)"]


def test_check_refuses_what_is_not_complete(catalogue, capsys):
    catalogue(one="")

    with pytest.raises(Refusal, match="1 texts lack a translation"):
        translations.check()

    assert "not translated: 'Open the card'" in capsys.readouterr().out


def test_a_text_inside_an_f_string_is_found(monkeypatch, tmp_path):
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "glued.py").write_text("said = f\"{name}, {_('a task follows')}\"\n")
    monkeypatch.setattr(translations, "ROOT", tmp_path)

    found = [text.id for text in translations.template() if text.id]

    assert found == ["a task follows"]


@pytest.mark.slow
def test_every_text_of_the_product_is_translated_into_every_language():
    assert translations.problems() == []


@pytest.mark.parametrize(("language", "foreign"), [("ru", "іїєґІЇЄҐ"), ("uk", "ыэъёЫЭЪЁ")])
def test_no_letter_of_another_alphabet_slips_into_a_word(language, foreign):
    texts = " ".join(str(text.string) for text in translations.read(language) if text.id)

    words = re.findall(r"\w+", translations.PLACEHOLDER.sub(" ", texts))

    assert [word for word in words if re.search("[а-яіїєґё]", word, re.I) and re.search("[a-z]", word, re.I)] == []
    assert [word for word in words if set(word) & set(foreign)] == []
