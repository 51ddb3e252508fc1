from django.urls import URLPattern, URLResolver, path

from crm.views import consents, me

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/preferences/<str:secret>/", me.preferences, name="preferences"),
    path("customers/<int:pk>/contacts/<int:identifier>/consent/", consents.consent, name="consent"),
    path("customers/<int:pk>/contacts/<int:identifier>/release/", consents.release, name="release"),
    path("me/unsubscribe/<str:secret>/", me.unsubscribe, name="unsubscribe"),
]
