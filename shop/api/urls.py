from django.urls import path

from shop.api import papers

app_name = "shop_api"

urlpatterns = [path("openapi.json", papers.OpenApi.as_view(), name="openapi")]
