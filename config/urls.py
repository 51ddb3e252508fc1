from django.urls import URLPattern, URLResolver, include, path, re_path

from shop.api.views import NoSuchAddress
from shop.routing import room
from shop.views.papers import papers

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("shop.api.urls")),
    path("api/v1/", include("crm.api.urls")),
    path("api/v1/", include("loyalty.api.urls")),
    path("api/v1/", include("feedback.api.urls")),
    path("api/v1/", include("analytics.api.urls")),
    path("api/docs/", papers, name="api_papers"),
    re_path(r"^api/", NoSuchAddress.as_view(), name="no_such_address"),
    room("shop.urls"),
    room("crm.urls"),
    room("loyalty.urls"),
    room("feedback.urls"),
    room("analytics.urls"),
]

handler400 = "shop.errors.bad_request"
handler403 = "shop.errors.forbidden"
handler404 = "shop.errors.not_found"
handler500 = "shop.errors.broken"
