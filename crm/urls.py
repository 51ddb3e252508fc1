from django.urls import URLPattern, URLResolver, path

from crm.views import parked

app_name = "crm"

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/parked/", parked.parked, name="parked"),
]
