"""The field in which files are chosen."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.complaints.files import NotTaken
from crm.models import Attachment

MOST_FILES = 10


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """None, one or several; each is looked at before anything is saved."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if len(uploads) > MOST_FILES:
            raise forms.ValidationError(_("At most %d files at once.") % MOST_FILES)
        for upload in uploads:
            try:
                Attachment.look_at(upload)
            except NotTaken as error:
                raise forms.ValidationError(f"{upload.name}: {error}") from None
        return uploads


def files_field() -> FilesField:
    return FilesField(label=gettext_lazy("Files"), required=False)
