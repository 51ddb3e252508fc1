from django.urls import URLPattern, URLResolver, path

from crm.views import me

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/preferences/<str:secret>/", me.preferences, name="preferences"),
    path("me/unsubscribe/<str:secret>/", me.unsubscribe, name="unsubscribe"),
]
