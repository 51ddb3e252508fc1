from django.urls import URLPattern, URLResolver, path

from crm.views import consents, me, own_card

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", own_card.me, name="me"),
    path("me/preferences/<str:secret>/", me.preferences, name="preferences"),
    path("me/preferences/<str:secret>/card/", own_card.ask, name="me_card_asked"),
    path("me/card/<str:secret>/", own_card.opening, name="me_card"),
    path("me/open/<str:secret>/", own_card.card, name="me_open"),
    path("me/open/<str:secret>/close/", own_card.close, name="me_close"),
    path("customers/<int:pk>/contacts/<int:identifier>/consent/", consents.consent, name="consent"),
    path("customers/<int:pk>/contacts/<int:identifier>/release/", consents.release, name="release"),
    path("me/unsubscribe/<str:secret>/", me.unsubscribe, name="unsubscribe"),
]
