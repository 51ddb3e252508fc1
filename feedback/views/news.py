"""“You said, we did”: how many were told, how far it is, and taking back what has not left."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm.mail.reasons import in_words
from crm.models import Message
from feedback.following import news as telling
from feedback.models import TopicNews
from shop.access import right
from shop.formats import number
from shop.job_progress import progress_of
from shop.toasts import toast

State = Message.State


@require_GET
@right("surveys.edit")
def news(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(TopicNews.objects.select_related("topic", "by"), pk=pk)
    job = telling.job_of(found)
    rows = telling.mails_of(found).values_list("state", "why").annotate(n=Count("pk")).order_by("-n")
    counts = {(state, why): n for state, why, n in rows}
    live = bool(job and job.is_live)
    waiting = sum(n for (state, _why), n in counts.items() if state == State.QUEUED)
    context = {
        "news": found,
        "live": live,
        "lines": _lines(found, counts, job),
        "can_undo": not live and waiting and not found.taken_back_at,
    }
    if job and live:
        context |= progress_of(job)
    template = "feedback/following/_news.html" if request.htmx else "feedback/following/news.html"
    return render(request, template, context)


def _lines(found: TopicNews, counts: dict[tuple[str, str], int], job: Any) -> list[tuple[str, int]]:
    lines: dict[str, int] = {}
    for (state, why), n in counts.items():
        said = _line(state, why, back=bool(found.taken_back_at))
        lines[said] = lines.get(said, 0) + n
    if job and (unheard := job.result.get("raised", 0) - job.result.get("told", 0)):
        lines[_("Not written to: they do not want to hear of it, or cannot be reached.")] = unheard
    return list(lines.items())


def _line(state: str, why: str, *, back: bool) -> str:
    if back and (state == State.QUEUED or why == "no_longer_true"):
        return _("Taken back before it left.")
    if state == State.QUEUED:
        return in_words(why) if why else _("On their way: mails of a send to many wait a minute.")
    return in_words(why) if why else str(State(state).label).capitalize()


@require_POST
@right("surveys.edit")
def news_undo(request: HttpRequest, pk: int) -> HttpResponse:
    sent = telling.take_back(get_object_or_404(TopicNews, pk=pk))
    if sent:
        said = ngettext("%(n)s mail has left already; no more do.", "%(n)s mails have left already; no more do.", sent)
        toast(request, said % {"n": number(sent)})
    else:
        toast(request, _("Taken back: nobody was told."))
    return redirect("feedback:topic_news", pk)
