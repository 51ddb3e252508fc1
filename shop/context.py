"""What every template may use: the places to go, the shop's name, the reader's theme."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.models import Setting
from shop.navigation import address, navigation_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """All of it lazy: an error page that uses none of it asks the database nothing."""
    return {
        "navigation": SimpleLazyObject(lambda: navigation_for(request)),
        "shop_name": SimpleLazyObject(lambda: Setting.get("shop.name")),
        "theme": SimpleLazyObject(lambda: getattr(request.user, "theme", "")),
        "demo": SimpleLazyObject(lambda: demo_notice(request)) if settings.SHOP == "demo" else None,
    }


def demo_notice(request: HttpRequest) -> dict[str, str]:
    """The address of "start my own shop", for those who may."""
    user = request.user
    may = user.is_authenticated and user.may("settings.edit")
    return {"url": address("shop:own_shop") if may else ""}
