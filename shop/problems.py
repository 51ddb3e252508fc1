"""The one shape in which the API says no: RFC 9457, with a code for programs and the request's id for people."""

from typing import Any

from django.http import JsonResponse

from shop import logs


def problem(status: int, code: str, title: str, detail: str = "", **extra: Any) -> JsonResponse:
    """`extra` adds members, for example errors={"total": ["…"]}; Retry-After is set from retry_after."""
    body = {
        "type": f"urn:regulars:problem:{code}",
        "title": str(title),
        "status": status,
        "code": code,
        "detail": str(detail),
        "request_id": logs.request_id.get(),
        **extra,
    }
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    if "retry_after" in extra:
        response["Retry-After"] = str(extra["retry_after"])
    return response
