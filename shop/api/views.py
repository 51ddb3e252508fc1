"""The frame of every address of the API: key, scope, limit, then the verb, answered once."""

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.access import PUBLIC
from shop.api.parsing import StrictJSONParser
from shop.api.refusals import Refused, answer_to
from shop.api.told import Told
from shop.models import ApiKey, KeptAnswer
from shop.models.throttle import Verdict
from shop.rights import RightMissing
from shop.sealing import Unreadable, seal, unseal

_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class KeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer rg_….…`, and nowhere else: addresses end up in logs. The request is counted at once."""

    def authenticate(self, request: Request) -> tuple[ApiKey, Verdict] | None:
        scheme, _space, presented = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        entered = ApiKey.enter(presented.strip(), settings.API_PER_MINUTE, timedelta(minutes=1))
        if entered is None:
            raise exceptions.AuthenticationFailed(_("The key is unknown, expired or withdrawn."))
        entered[0].used()
        return entered

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class OneFormat(BaseContentNegotiation):
    """JSON in, JSON out, whatever Accept says."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """An address of the API. `right` names the scope its key needs, `rights_by_method` another one for a method."""

    right: str
    rights_by_method: Mapping[str, str] = {}
    told: Mapping[str, Told]
    authentication_classes = [KeyAuthentication]
    parser_classes = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = OneFormat
    metadata_class = None

    def get_exception_handler(self) -> Callable[..., HttpResponse | None]:
        return answer_to

    @property
    def key(self) -> ApiKey:
        return self.request.user  # type: ignore[return-value]

    def check_permissions(self, request: Request) -> None:
        self.right = self.rights_by_method.get((request.method or "").replace("HEAD", "GET"), self.right)
        if self.right == PUBLIC:
            return
        if not request.auth:
            raise exceptions.NotAuthenticated(_("Send the key as Authorization: Bearer …"))
        if not self.key.may(self.right):
            raise RightMissing(self.right)

    def check_throttles(self, request: Request) -> None:
        if not request.auth:
            return
        verdict = cast("Verdict", request.auth)
        self.limits = {
            "RateLimit-Limit": str(settings.API_PER_MINUTE),
            "RateLimit-Remaining": str(verdict.left),
            "RateLimit-Reset": str(verdict.retry_after),
        }
        if not verdict.allowed:
            raise Refused(
                "too_many_requests",
                _("At most %d requests a minute.") % settings.API_PER_MINUTE,
                status=429,
                retry_after=verdict.retry_after,
            )

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(self, "limits", {}).items():
            response[name] = value
        return response


class _TakenBack(Exception):
    """Ends the transaction of what was refused."""

    def __init__(self, refusal: HttpResponse) -> None:
        super().__init__()
        self.refusal = refusal


class _AnsweredMeanwhile(Refused):
    """The same request was answered between our look and our turn; what we did is undone."""

    def __init__(self) -> None:
        super().__init__("request_in_progress", _("The same request is being answered now."), retry_after=1)


class Command(ApiView, ABC):
    """An address that changes something by POST: one transaction, and with an Idempotency-Key one effect.

    The view says what it does in `act`. A refusal is an answer too and is kept; what breaks leaves nothing behind.
    """

    key_required = True
    secretive = False  # its answer tells a secret, so it is kept sealed

    def post(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        if not request.META.get("CONTENT_LENGTH") and "Transfer-Encoding" in request.headers:
            raise Refused("length_required", _("Send a Content-Length."), status=411)
        key = self._key(request)
        request.data  # noqa: B018  (a body that cannot be read is refused before anything else)
        if key is None:
            with transaction.atomic():
                return self.act(request, **kwargs)
        try:
            return self._answer_once(request, key, lambda: self._act(request, kwargs))
        except (_AnsweredMeanwhile, IntegrityError):  # now that answer is seen, and given again
            return self._answer_once(request, key, lambda: self._act(request, kwargs))
        except _TakenBack as error:
            refusal = error.refusal
            return self._answer_once(request, key, lambda: refusal)

    @abstractmethod
    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response: ...

    def _act(self, request: Request, kwargs: Any) -> Response:
        """A refusal takes back all that was done, and is then kept; what nobody expected is not."""
        try:
            return self.act(request, **kwargs)
        except Exception as error:
            refusal = answer_to(error)
            if refusal is None or refusal.status_code >= 500:
                raise
            raise _TakenBack(refusal) from error

    def _key(self, request: Request) -> str | None:
        key = request.headers.get("Idempotency-Key")
        if key is None and self.key_required:
            raise Refused("idempotency_key_missing", _("Send an Idempotency-Key with this request."), status=400)
        if key is not None and not _KEY.fullmatch(key):
            raise Refused("idempotency_key_invalid", _("1 to 128 visible ASCII characters."), status=400)
        return key

    def _answer_once(self, request: Request, key: str, act: Callable[[], Response | HttpResponse]) -> HttpResponseBase:
        """In one transaction with the effect."""
        client, digest = self.key.client, _digest(request)
        with transaction.atomic():
            mine, kept = KeptAnswer.take_turn(client, key)
            if kept:
                return self._replayed(kept, digest)
            if not mine:
                raise Refused("request_in_progress", _("The same request is being answered now."), retry_after=1)
            response = _written(act())
            answer = KeptAnswer(client=client, key=key, request_digest=digest, status=response.status_code)
            answer.content_type, answer.content = response.headers["Content-Type"], response.content.decode()
            if self.secretive:
                answer.content = seal(answer.content, "answer")
            if not answer.keep():
                raise _AnsweredMeanwhile
            return response

    def _replayed(self, kept: KeptAnswer, digest: bytes) -> HttpResponse:
        if bytes(kept.request_digest) != digest:
            raise Refused("idempotency_key_reused", _("This key was sent before with another request."), status=422)
        response = HttpResponse(self._told_before(kept), status=kept.status, content_type=kept.content_type)
        response["Idempotency-Replayed"] = "true"
        return response

    def _told_before(self, kept: KeptAnswer) -> str:
        """Never done again, even where the SECRET_KEY that sealed the answer is gone."""
        if not self.secretive:
            return kept.content
        try:
            return unseal(kept.content, "answer")
        except Unreadable as error:
            raise Refused(
                "answer_unreadable",
                _("It was answered before, and nothing was done again. The SECRET_KEY of that answer is gone."),
            ) from error


class NoSuchAddress(ApiView):
    """Whatever else begins with /api/; it also keeps a forgotten slash from turning a POST into a GET."""

    right = PUBLIC
    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Refused("not_found", _("There is no such address; all of them end with a slash."), status=404)


def _digest(request: Request) -> bytes:
    body = json.dumps(request.data, sort_keys=True, default=str)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).digest()


def _written(response: Response | HttpResponse) -> HttpResponse:
    """Drawn once: what is kept is what is sent."""
    if not isinstance(response, Response):
        return response
    drawn = HttpResponse(JSONRenderer().render(response.data), status=response.status_code)
    drawn.headers = response.headers
    drawn.headers["Content-Type"] = JSONRenderer.media_type
    return drawn
