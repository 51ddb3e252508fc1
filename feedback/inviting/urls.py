"""Included by feedback/urls.py, so their names are feedback:…"""

from django.urls import URLPattern, URLResolver, path

from feedback.views import inviting

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/<int:pk>/survey/", inviting.invite_one, name="invite_one"),
    path("customers/<int:pk>/survey/button/", inviting.invite_button, name="invite_button"),
    path("feedback/invitations/<int:pk>/taken-back/", inviting.taken_back, name="invitation_taken_back"),
    path("feedback/waiting/", inviting.waiting, name="waiting"),
]
