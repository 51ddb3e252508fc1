"""What staff type in about themselves and each other."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from shop.models import User


class CodeField(forms.CharField):
    """A code of the app, or one for recovery."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs), **kwargs)


class SignInForm(forms.Form):
    page = "shop/login.html"
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=512,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def look_at(self, name: str) -> None:
        """The field in which the next thing is typed."""
        self.fields["email"].widget.attrs.pop("autofocus", None)
        self.fields[name].widget.attrs["autofocus"] = True


class CodeForm(forms.Form):
    """The second step: the app's code, or, without the phone, one for recovery."""

    page = "shop/login_code.html"
    code = CodeField(label=_("Code that the app shows"), help_text=_("Six digits."))

    def __init__(self, *args: Any, recovery: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recovery = recovery
        code = self.fields["code"]
        code.widget.attrs["autofocus"] = True
        if recovery:
            code.label, code.help_text = _("Recovery code"), _("One of the ten you kept; each works once.")
        else:
            code.widget.attrs["inputmode"] = "numeric"


class AskForLinkForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
    )


class NewPasswordForm(forms.Form):
    """A new password for `user`, held against the rules."""

    password = forms.CharField(
        label=_("New password"),
        max_length=512,
        strip=False,
        help_text=_("At least 10 characters; a sentence is easy to keep in mind."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password


class AcceptInvitationForm(NewPasswordForm):
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    field_order = ["name", "password"]


class ChangePasswordForm(NewPasswordForm):
    current = forms.CharField(
        label=_("Password now"),
        max_length=512,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    field_order = ["current", "password"]


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "language", "theme"]


class InviteForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["email", "name", "role"]
        help_texts = {"name": _("They can correct it when they accept.")}

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("There is already an account for this e-mail."))
        return email


class RoleForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["role"]
