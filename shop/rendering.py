"""How a form is drawn: our field markup, the label, help and error tied to the input."""

from typing import Any

from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.forms.renderers import TemplatesSetting

PLAIN = (CheckboxInput, CheckboxSelectMultiple, RadioSelect)


class Field(BoundField):
    """Gives every typed input its class; django ties help and error to it."""

    @property
    def ticked(self) -> bool:
        return type(self.field.widget) is CheckboxInput

    @property
    def unit(self) -> str:
        """What stands behind the input, inside the same frame: a currency."""
        return getattr(self.field, "unit", "")

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if not widget.is_hidden and not isinstance(widget, PLAIN) and not self.unit:
            own = widget.attrs.get("class", "")
            attrs["class"] = f"input {own}".rstrip()
        return attrs


class FormRenderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = Field
