"""What staff type about surveys."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from feedback.models import Question, Survey, SurveyVersion
from feedback.surveys.kinds import SCORED, Band
from shop.models import User
from shop.typed import number_in

Kind = Question.Kind
SPARE = 3  # empty lines for choices, ready to be filled in
MOST_CHOICES = 20
LONGEST = 300
SCALES = ["1-3", "1-5", "1-7", "0-10", "1-10"]
LANGUAGES = dict(settings.LANGUAGES)


class SurveyForm(forms.ModelForm):
    """Its name, when it is sent, and how."""

    class Meta:
        model = Survey
        fields = [
            *("name", "trigger", "delay_days", "every_months", "reminders", "reminder_days"),
            *("names", "owner", "review_url"),
        ]
        widgets = {"trigger": forms.RadioSelect, "names": forms.RadioSelect}
        help_texts = {
            "name": gettext_lazy("Customers do not see it on the form."),
            "delay_days": gettext_lazy("0: at once."),
            "reminders": gettext_lazy("To those who have not answered: none, one or two."),
            "owner": gettext_lazy("Of complaints that a low score opens, where the customer has no owner."),
        }

    review_url = forms.URLField(
        label=Survey._meta.get_field("review_url").verbose_name,
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("A link on the thank-you page, for who gives 9 or 10. Empty: none."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.active().order_by("name", "pk")
        owner.empty_label = _("nobody yet")
        limits = {"delay_days": (0, 365), "every_months": (1, 36), "reminders": (0, 2), "reminder_days": (1, 60)}
        for name, (low, high) in limits.items():
            field = forms.IntegerField(
                label=self.fields[name].label, help_text=self.fields[name].help_text, min_value=low, max_value=high
            )
            self.fields[name] = field
        if self.instance.kind != "nps":
            del self.fields["review_url"]


def words(label: Any, **more: Any) -> forms.CharField:
    more = {"max_length": LONGEST, "required": False, **more}
    return forms.CharField(label=label, **more)


TEXTS: dict[str, Any] = {
    "ask": gettext_lazy("Question"),
    "hint": gettext_lazy("Hint below it"),
    "low_end": gettext_lazy("In words: the lowest"),
    "high_end": gettext_lazy("In words: the highest"),
    "ask_low": gettext_lazy("Asked instead after a low score"),
    "ask_middle": gettext_lazy("Asked instead after a middling score"),
    "ask_high": gettext_lazy("Asked instead after a high score"),
}


class QuestionForm(forms.Form):
    """One question in all languages of its version; `question` may be one that is not kept yet."""

    def __init__(self, *args: Any, question: Question, version: SurveyVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question, self.version = question, version
        self.scored = version.survey.kind in SCORED
        self.numbers = self._numbers()
        for language in version.languages:
            self._add_texts(language)
        self._add_rules()

    # ---- Fields ---------------------------------------------------------------------------------------
    def _names(self) -> list[str]:
        kind = self.question.kind
        names = ["ask", "hint"]
        if kind in (Kind.SCORE, Kind.SCALE):
            names += ["low_end", "high_end"]
        if kind == Kind.COMMENT and self.scored:
            names += ["ask_low", "ask_middle", "ask_high"]
        return names

    def _add_texts(self, language: str) -> None:
        said = self.question.texts.get(language, {})
        for name in self._names():
            field = words(TEXTS[name], required=name == "ask" and language == self.version.languages[0])
            field.initial = said.get(name, "")
            field.widget.attrs["lang"] = language
            self.fields[f"{language}-{name}"] = field
        for number in self.numbers:
            label = _("Choice in this language: %(language)s") % {"language": LANGUAGES[language]}
            field = words(label, max_length=120, initial=said.get("choices", {}).get(str(number), ""))
            field.widget.attrs |= {"lang": language, "aria-label": label, "placeholder": LANGUAGES[language]}
            self.fields[f"{language}-choice-{number}"] = field

    def _add_rules(self) -> None:
        kind = self.question.kind
        if kind != Kind.SCORE:
            self.fields["required"] = forms.BooleanField(
                label=gettext_lazy("Must be answered"), required=False, initial=self.question.required
            )
        if self.scored and kind not in (Kind.SCORE, Kind.COMMENT):
            choices = [("", pgettext_lazy("asked", "always")), *Band.choices]
            self.fields["branch"] = forms.ChoiceField(
                label=gettext_lazy("Asked when the score is"),
                choices=choices,
                required=False,
                initial=self.question.branch,
            )
        if kind == Kind.SCALE:
            steps = f"{self.question.lowest}-{self.question.highest}" if self.question.highest else "1-5"
            scales = [(one, one.replace("-", " – ")) for one in dict.fromkeys([*SCALES, steps])]
            self.fields["scale"] = forms.ChoiceField(label=gettext_lazy("Scale"), choices=scales, initial=steps)

    def _numbers(self) -> list[int]:
        """Of choices: those there are, in the order that was sent, and some that nobody has had yet."""
        if self.question.kind not in (Kind.SINGLE, Kind.MULTIPLE):
            return []
        had = Question.objects.filter(version__survey=self.version.survey, name=self.question.name)
        highest = max([n for numbers in had.values_list("choices", flat=True) for n in numbers], default=0)
        known = [*self.question.choices, *range(highest + 1, highest + 1 + SPARE)]
        if not self.is_bound:
            return known
        data: Any = self.data
        sent = dict.fromkeys(number_in(one, digits=4) for one in data.getlist("choices"))
        return [number for number in sent if number is not None and number in known] or known

    # ---- How it is drawn ------------------------------------------------------------------------------
    @property
    def languages(self) -> list[tuple[str, str, list[Any]]]:
        """(code, its name, its fields) of each language."""
        return [
            (code, LANGUAGES[code], [self[f"{code}-{name}"] for name in self._names()])
            for code in self.version.languages
        ]

    @property
    def choices(self) -> list[tuple[int, list[Any]]]:
        return [(n, [self[f"{code}-choice-{n}"] for code in self.version.languages]) for n in self.numbers]

    @property
    def rules(self) -> list[Any]:
        return [self[name] for name in ("scale", "branch", "required") if name in self.fields]

    # ---- What was said --------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if self.numbers and len(self._kept(said)) < 2:
            self.add_error(None, _("Write at least two choices."))
        return said

    def _kept(self, said: dict[str, Any]) -> list[int]:
        """A choice without words in the first language is left out."""
        first = self.version.languages[0]
        return [number for number in self.numbers if said.get(f"{first}-choice-{number}")][:MOST_CHOICES]

    def values(self) -> dict[str, Any]:
        """As `Question.change` takes them."""
        said, kind = self.cleaned_data, self.question.kind
        values: dict[str, Any] = {"texts": self._texts(said), "choices": self._kept(said)}
        if kind != Kind.SCORE:
            values["required"] = said["required"]
        if "branch" in said:
            values["branch"] = said["branch"]
        if kind == Kind.SCALE:
            values["lowest"], values["highest"] = map(int, said["scale"].split("-"))
        return values

    def _texts(self, said: dict[str, Any]) -> dict[str, Any]:
        texts = {code: dict(kept) for code, kept in self.question.texts.items()}
        for language in self.version.languages:
            told = {name: said[f"{language}-{name}"] for name in self._names() if said[f"{language}-{name}"]}
            choices = {
                str(n): said[f"{language}-choice-{n}"] for n in self._kept(said) if said[f"{language}-choice-{n}"]
            }
            texts[language] = told | ({"choices": choices} if choices else {})
        return {code: one for code, one in texts.items() if one}


class AroundForm(forms.Form):
    """What is said before the questions and after the answer, in all languages."""

    def __init__(self, *args: Any, version: SurveyVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        labels = {"intro": gettext_lazy("Before the questions"), "thanks": gettext_lazy("After the answer")}
        for language in version.languages:
            for name, label in labels.items():
                field = words(label, max_length=600, widget=forms.Textarea({"rows": 2, "lang": language}))
                field.initial = version.said(name, language)
                self.fields[f"{language}-{name}"] = field

    @property
    def languages(self) -> list[tuple[str, str, list[Any]]]:
        return [
            (code, LANGUAGES[code], [self[f"{code}-intro"], self[f"{code}-thanks"]]) for code in self.version.languages
        ]

    def texts(self) -> dict[str, Any]:
        said = self.cleaned_data
        told = {
            code: {name: said[f"{code}-{name}"] for name in ("intro", "thanks") if said[f"{code}-{name}"]}
            for code in self.version.languages
        }
        return {**self.version.texts, **told}
