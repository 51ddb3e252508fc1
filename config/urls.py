from django.urls import URLPattern, URLResolver, include, path, re_path

from shop.api.views import NoSuchAddress

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("crm.api.urls")),
    re_path(r"^api/", NoSuchAddress.as_view(), name="no_such_address"),
    path("", include("shop.urls")),
    path("", include("crm.urls")),
    path("", include("analytics.urls")),
]
