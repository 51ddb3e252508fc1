"""What just happened, said in a toast.

A view calls `toast(request, text, undo=address)`. A page shows it in its own frame;
an htmx answer carries it as a "toast" event, since it has no frame of its own.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event


def toast(request: HttpRequest, text: str, undo: str = "") -> None:
    """Say what happened. `undo` is an address that takes it back when posted to."""
    messages.success(request, text, extra_tags=undo)


class ToastMiddleware:
    """Stands after the message middleware and django_htmx's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        leaves = response.has_header("HX-Redirect") or response.has_header("HX-Refresh")
        if getattr(request, "htmx", False) and response.status_code < 300 and not leaves:
            said = [
                {"text": str(message), "undo": message.extra_tags or ""} for message in messages.get_messages(request)
            ]
            if said:
                trigger_client_event(response, "toast", {"toasts": said})
        return response
