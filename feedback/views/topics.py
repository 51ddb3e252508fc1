"""What comments are about: the words that lead to a topic, reading and putting right, telling what was done."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.following import comments as reading
from feedback.following import news, topics
from feedback.following.forms import NewsForm, TopicForm, WordsForm
from feedback.models import Response, Topic
from shop.access import StaffRequest, right
from shop.toasts import toast

page = require_http_methods(["GET", "HEAD", "POST"])


@require_http_methods(["GET", "HEAD", "POST"])
@right("surveys.edit")
def topic_list(request: HttpRequest) -> HttpResponse:
    form = TopicForm(request.POST or None)
    if request.method == "POST" and (former := topics.put_away_as(request.POST.get("name", ""))):
        topics.bring_back(former, by=request.user)
        toast(request, _("The topic is back, with its words."))
        return redirect("feedback:topic", former.pk)
    if request.method == "POST" and form.is_valid():
        return redirect("feedback:topic", form.save().pk)
    context = {"rows": topics.with_counts(), "form": form}
    return render(request, "feedback/following/topics.html", context, status=422 if form.is_bound else 200)


@page
@right("surveys.edit")
def topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Its words, and what was told about it."""
    found = get_object_or_404(topics.with_counts(), pk=pk)
    words = WordsForm(request.POST if "words" in request.POST else None, topic=found)
    told = NewsForm(request.POST if "news" in request.POST else None)
    if words.is_bound and words.is_valid():
        if topics.change_words(found, words.cleaned_data, by=request.user):
            toast(request, _("Saved. All comments are looked at again."))
        return redirect("feedback:topic", pk)
    if told.is_bound and told.is_valid():
        texts = {code: text for code, text in told.cleaned_data.items() if text}
        return redirect("feedback:topic_news", news.tell(found, texts, by=request.user).pk)
    return render(request, "feedback/following/topic.html", _about(found, words, told), status=_status(words, told))


def _status(*forms: Any) -> int:
    return 422 if any(form.is_bound for form in forms) else 200


def _about(found: Topic, words: WordsForm, told: NewsForm) -> dict[str, Any]:
    return {
        "topic": found,
        "words": words,
        "told": told,
        "raised": len(news.who_raised(found, news.since_of(found))),
        "history": list(found.news.select_related("by").order_by("-at")[:20]),
    }


@require_POST
@right("surveys.edit")
def topic_put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """With its words, which count again when it is brought back."""
    address = reverse("feedback:topic_put_away", args=[pk])
    if "back" in request.GET:
        topics.bring_back(get_object_or_404(Topic, pk=pk), by=request.user)
        toast(request, _("The topic is back."))
        return redirect("feedback:topic", pk)
    Topic.objects.filter(pk=pk, archived_at=None).update(archived_at=timezone.now())
    toast(request, _("The topic is put away."), undo=f"{address}?back=1")
    return redirect("feedback:topics")


@require_GET
@right("reports.view")
def comments(request: HttpRequest) -> HttpResponse:
    found = reading.read(request.GET, request.user)
    asked = {"q": found.words, "topic": found.topic.pk if found.topic else ""}
    context = {
        "page": found,
        "every": Topic.objects.filter(archived_at=None).order_by("name"),
        "asked": urlencode(asked),
        "may_correct": request.user.may("surveys.edit"),
    }
    return render(request, "feedback/following/comments.html", context)


@require_POST
@right("surveys.edit")
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """It is about this topic, or it is not; or nobody said so after all."""
    response = get_object_or_404(Response.objects.counted().exclude(comment=""), pk=pk)
    told = request.POST if "topic" in request.POST else request.GET
    about = reading.topic_of(told.get("topic", ""))
    if about is None:
        raise Http404
    if told.get("say") == "nothing":
        topics.unread(response, about)
        toast(request, _("Taken back: what the comment is about stands as before."))
    else:
        _correct(request, response, about, told.get("say") == "yes")
    if not request.htmx:
        return redirect(f"{reverse('feedback:comments')}?answer={pk}")
    context = {
        "comment": reading.one(pk, request.user),
        "every": Topic.objects.filter(archived_at=None).order_by("name"),
        "may_correct": True,
    }
    return render(request, "feedback/following/_comment.html", context)


def _correct(request: StaffRequest, response: Response, about: Topic, right: bool) -> None:
    former = topics.correct(response, about, right, by=request.user)
    before = {None: "nothing", True: "yes", False: "no"}[former]
    undo = f"{reverse('feedback:comment_topics', args=[response.pk])}?topic={about.pk}&say={before}"
    said = _("The comment is about %(topic)s.") if right else _("The comment is not about %(topic)s.")
    toast(request, said % {"topic": about}, undo=undo)
