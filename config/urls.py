from django.urls import URLPattern, URLResolver, include, path, re_path

from shop.api.views import NoSuchAddress

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("crm.api.urls")),
    path("api/v1/", include("loyalty.api.urls")),
    path("api/v1/", include("feedback.api.urls")),
    re_path(r"^api/", NoSuchAddress.as_view(), name="no_such_address"),
    path("", include("shop.urls")),
    path("", include("crm.urls")),
    path("", include("loyalty.urls")),
    path("", include("feedback.urls")),
    path("", include("analytics.urls")),
]

handler400 = "shop.errors.bad_request"
handler403 = "shop.errors.forbidden"
handler404 = "shop.errors.not_found"
handler500 = "shop.errors.broken"
