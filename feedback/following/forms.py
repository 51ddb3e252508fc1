"""What staff type about topics."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from feedback.following.topics import LANGUAGES
from feedback.models import Topic

MOST, LONGEST = 100, 60


class TopicForm(forms.ModelForm):
    class Meta:
        model = Topic
        fields = ("name",)


class WordsForm(forms.Form):
    """The words of each language, one a line."""

    def __init__(self, *args: Any, topic: Topic, **options: Any) -> None:
        super().__init__(*args, **options)
        known = {rule.language: rule.words for rule in topic.rules.all()}
        for code, name in settings.LANGUAGES:
            self.fields[code] = forms.CharField(
                label=name,
                required=False,
                max_length=MOST * LONGEST,
                initial="\n".join(known.get(code, [])),
                widget=forms.Textarea({"rows": 6}),
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for code in LANGUAGES:
            words = [" ".join(line.split()).lower() for line in values.get(code, "").splitlines()]
            values[code] = [word for word in words if word.strip("*")]
            if len(values[code]) > MOST or any(len(word) > LONGEST for word in values[code]):
                self.add_error(code, _("At most 100 words, each at most 60 letters long."))
        return values


class NewsForm(forms.Form):
    """What was done, in each language that customers are written to in; one is enough."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code, name in settings.LANGUAGES:
            self.fields[code] = forms.CharField(
                label=name, required=False, max_length=2000, widget=forms.Textarea({"rows": 4})
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not any(values.values()):
            raise forms.ValidationError(_("Say in at least one language what was done."))
        return values
