from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from crm.imports import columns, reading, remembering, sheets
from crm.imports.columns import DATES, DECIMALS, DELIMITERS, Mapping
from crm.imports.kinds import all_kinds, kind_named
from crm.imports.reasons import Refused
from crm.models import Import, SavedMapping
from crm.models.imports import SOURCE, SOURCE_SHAPE

ENCODING_NAMES = [
    ("utf-8", "UTF-8"),
    ("utf-8-sig", "UTF-8 (BOM)"),
    ("utf-16", "UTF-16"),
    ("utf-16-le", "UTF-16 LE"),
    ("utf-16-be", "UTF-16 BE"),
    ("cp1252", _("Western European (Windows-1252)")),
    ("cp1250", _("Central European (Windows-1250)")),
    ("iso8859-2", _("Central European (ISO 8859-2)")),
    ("cp1251", _("Cyrillic (Windows-1251)")),
    ("koi8-u", _("Cyrillic (KOI8-U)")),
    ("cp866", _("Cyrillic (DOS 866)")),
]


def _limits() -> Any:
    return _("CSV, also packed with gzip, up to %(limit)s MB, or Excel (.xlsx), up to %(excel)s MB.")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=lazy(lambda: _limits() % {"limit": settings.IMPORT_LIMIT, "excel": sheets.LIMIT}, str)(),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.gz,.xlsx,.xlsm,text/csv,application/gzip"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
    kind = forms.ChoiceField(label=_("What is in it"), required=False)
    source = forms.RegexField(
        SOURCE_SHAPE,
        label=_("Source"),
        initial=SOURCE,
        error_messages={"invalid": _("Up to 32 letters, digits, dots, dashes and underscores.")},
        help_text=_("Whose order and customer numbers these are, say the name of your web shop. The same each time."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [("", _("Find out")), *((kind.name, kind.label) for kind in all_kinds().values())]


WRITING = ("kind", "sheet", "encoding", "delimiter", "dates", "decimal")


class MappingForm(forms.Form):
    """Which column holds what, and in which writing."""

    kind = forms.ChoiceField(label=_("What is in it"), required=False)
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODING_NAMES)
    delimiter = forms.ChoiceField(label=_("Separator"), choices=[*DELIMITERS.items()])
    dates = forms.ChoiceField(label=_("Dates"), choices=[*DATES.items()])
    decimal = forms.ChoiceField(label=_("Numbers"), choices=[*DECIMALS.items()])
    keep_as = forms.CharField(
        label=_("Keep these choices as"), required=False, max_length=60, help_text=_("A name, for files like this one.")
    )

    def __init__(self, order_import: Import, *args: Any, **kwargs: Any) -> None:
        self.order_import, self.cut_anew = order_import, False
        self.mapping = Mapping(**order_import.mapping)
        super().__init__(*args, initial=self._initial(), **kwargs)
        self.fields["kind"].choices = [(kind.name, kind.label) for kind in all_kinds().values()]
        sheets = order_import.report.get("sheets", []) if order_import.workbook else []
        if self.mapping.sheet:
            del self.fields["encoding"], self.fields["delimiter"]
        if len(sheets) > 1:
            sheet = forms.ChoiceField(label=_("Sheet"), choices=[(name, name) for name in sheets])
            self.fields = {"sheet": sheet, **self.fields}
        choices = [("", "–"), *((name, name) for name in self.mapping.header if name)]
        kind = self.mapping.kind_of_file
        names = (
            SavedMapping.objects.filter(kind=kind.name).exclude(name="").order_by("name").values_list("name", "name")
        )
        if names:
            self.fields["saved"] = forms.ChoiceField(
                label=_("Choices kept as"), required=False, choices=[("", "–"), *names]
            )
        for name, field in kind.fields().items():  # which of them are missing the mapping says itself
            self.fields[f"column_{name}"] = forms.ChoiceField(label=field.label, choices=choices, required=False)

    def _initial(self) -> dict[str, str]:
        said = {name: getattr(self.mapping, name) for name in WRITING}
        for name in ("dates", "decimal"):
            said[name] = "auto" if said[name] == "unknown" else said[name]
        return said | {f"column_{ours}": theirs for ours, theirs in self.mapping.columns.items()}

    @property
    def writing(self) -> list[forms.BoundField]:
        return [self[name] for name in WRITING if name in self.fields]

    @property
    def keeping(self) -> list[forms.BoundField]:
        return [self[name] for name in ("saved", "keep_as") if name in self.fields]

    @property
    def needed(self) -> list[forms.BoundField]:
        return [self[f"column_{name}"] for group in self.mapping.kind_of_file.needed for name in group]

    @property
    def columns(self) -> list[forms.BoundField]:
        """Those that a file may have or not."""
        needed = {field.name for field in self.needed}
        return [self[name] for name in self.fields if name.startswith("column_") and name not in needed]

    @property
    def one_is_enough(self) -> bool:
        return any(len(group) > 1 for group in self.mapping.kind_of_file.needed)

    @property
    def other_sheet(self) -> str:
        """Chosen instead of the one that was read; its columns are guessed anew."""
        said = self.data.get("sheet", "") if "sheet" in self.fields else ""
        return said if said in self.order_import.report.get("sheets", ()) and said != self.mapping.sheet else ""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            try:
                self.mapping = self._mapping(said)
                if not self.cut_anew:
                    self.mapping.check()
            except Refused as refused:
                self.add_error(None, str(refused))
        return said

    def _mapping(self, said: dict[str, Any]) -> Mapping:
        """Another kind, encoding or separator makes other columns: those are guessed anew."""
        mapping = self.mapping
        asked = kind_named(said["kind"] or mapping.kind)
        if said.get("saved"):
            saved = SavedMapping.objects.get(kind=mapping.kind, name=said["saved"])
            return remembering.laid_over(mapping, saved, saved.name)
        before = mapping.as_json
        cut = (said.get("encoding", mapping.encoding), said.get("delimiter", mapping.delimiter))
        self.cut_anew = (asked.name, *cut) != (mapping.kind, mapping.encoding, mapping.delimiter)
        if self.cut_anew:
            header = reading.header_line(self.order_import.file, cut[0])
            sheet, first = mapping.sheet, mapping.first
            mapping = columns.split(header, *cut, asked)
            mapping.sheet, mapping.first = sheet, first
        else:
            chosen = {name: said[f"column_{name}"] for name in mapping.kind_of_file.fields()}
            mapping.columns = {ours: theirs for ours, theirs in chosen.items() if theirs}
        mapping.dates, mapping.decimal = said["dates"], said["decimal"]
        mapping.proposed = said["keep_as"].strip() or (mapping.proposed if mapping.as_json == before else "")
        return mapping
