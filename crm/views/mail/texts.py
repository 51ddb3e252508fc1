"""The words of every mail, per language: what is missing, a new version, a preview, a test to oneself."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.mail import trying
from crm.mail.forms import TextForm, WhomForm
from crm.mail.kinds import Mail, mails
from crm.mail.placeholders import allowed
from crm.mail.rendering import preview as previewed
from crm.mail.texts import in_force, shipped, text_for, versions
from crm.models import MailText
from crm.views.mail.frames import around, inside
from shop.access import right
from shop.toasts import toast
from shop.typed import number_in

LANGUAGES = dict(settings.LANGUAGES)


@require_GET
@right("settings.edit")
def texts(request: HttpRequest) -> HttpResponse:
    known = versions()
    rows = [
        (mail, [(code, name, known.get((mail.name, code))) for code, name in settings.LANGUAGES])
        for mail in mails().values()
    ]
    missing = sum(version is None for _mail, cells in rows for _code, _name, version in cells)
    return render(request, "crm/mail/texts.html", {"rows": rows, "languages": LANGUAGES.items(), "missing": missing})


def _has_words(mail: Mail) -> bool:
    return any(template == mail.name for template, _language in versions())


def _mail(template: str, language: str) -> Mail:
    if template not in mails() or language not in LANGUAGES:
        raise Http404
    return mails()[template]


@require_http_methods(["GET", "HEAD", "POST"])
@right("settings.edit")
def text(request: HttpRequest, template: str, language: str) -> HttpResponse:
    mail = _mail(template, language)
    form = TextForm(request.POST or None, mail=mail, initial=_initial(request, mail, language))
    valid = request.method == "POST" and form.is_valid()
    if valid and request.POST.get("do") == "test":
        trying.request_test(request.user, form.text(language))
        toast(request, _("A test is on its way to %(address)s.") % {"address": request.user.email})
    elif valid:
        values = form.cleaned_data
        if MailText.publish(template, language, subject=values["subject"], body=values["body"], by=request.user):
            toast(request, _("The new text goes out from now on."))
        return redirect("crm:mail_text", template, language)
    status = 422 if form.errors else 200
    return around(render(request, "crm/mail/text.html", _context(mail, language, form), status=status))


def _initial(request: HttpRequest, mail: Mail, language: str) -> dict[str, str]:
    """An older version that was asked for, the one in force, or where there is none, another language's."""
    asked = request.GET.get("version", "")
    if asked == "0" and (first := shipped(mail.name, language)):
        return {"subject": first.subject, "body": first.body}
    version = number_in(asked, digits=8) or 0
    if row := MailText.objects.filter(template=mail.name, language=language, version=version).first():
        return {"subject": row.subject, "body": row.body}
    found = in_force(mail.name, language)
    return {"subject": found.subject, "body": found.body} if found else {}


def _context(mail: Mail, language: str, form: TextForm) -> dict[str, Any]:
    rows = MailText.objects.filter(template=mail.name, language=language).select_related("by").order_by("-version")
    return {
        "mail": mail,
        "form": form,
        "whom": WhomForm(),
        "language": language,
        "language_name": LANGUAGES[language],
        "others": [(code, name, code == language) for code, name in settings.LANGUAGES],
        "placeholders": allowed(mail).items(),
        "history": rows[:20],
        "came_with_it": shipped(mail.name, language) is not None,
        "here": in_force(mail.name, language),
        "instead": LANGUAGES[text_for(mail.name, "en").language] if _has_words(mail) else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@right("settings.edit")
def preview(request: HttpRequest, template: str, language: str) -> HttpResponse:
    """What was typed (POST) or what is in force, filled with a real card; shown in a frame, saved nowhere."""
    mail = _mail(template, language)
    form = TextForm(request.POST if request.method == "POST" else _initial(request, mail, language), mail=mail)
    whom = WhomForm(request.POST)
    customer = trying.somebody(whom.cleaned_data["whom"]) if whom.is_valid() else None
    if not form.is_valid():
        return inside(render_to_string("mail/preview_refused.html", {"form": form}))
    written = previewed(mail, form.text(language), customer)
    head = render_to_string("mail/_preview_head.html", {"subject": written.subject, "customer": customer})
    beginning, body, rest = written.html.partition("<body")
    tag, end, rest = rest.partition(">")
    return inside(f"{beginning}{body}{tag}{end}{head}{rest}")
