"""A mail's own HTML is shown in a frame without rights: no script, no form, no cookie; its links open elsewhere."""

from django.http import HttpResponse

from shop.middleware import CONTENT_SECURITY_POLICY

INSIDE = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    ]
)
AROUND = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"


def inside(html: str) -> HttpResponse:
    """The frame's document. Even opened on its own it has no rights."""
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response["Content-Security-Policy"] = INSIDE
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response


def around(response: HttpResponse) -> HttpResponse:
    """A page that shows such a frame."""
    response["Content-Security-Policy"] = AROUND
    return response
