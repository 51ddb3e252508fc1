"""Included by feedback/urls.py, so their names are feedback:…"""

from django.urls import URLPattern, URLResolver, path

from feedback.views import inviting, inviting_many

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/<int:pk>/survey/", inviting.invite_one, name="invite_one"),
    path("customers/<int:pk>/survey/button/", inviting.invite_button, name="invite_button"),
    path("feedback/invitations/<int:pk>/taken-back/", inviting.taken_back, name="invitation_taken_back"),
    path("feedback/sends/new/", inviting_many.invite_many, name="invite_many"),
    path("feedback/sends/<int:pk>/", inviting_many.sending, name="sending"),
    path("feedback/sends/<int:pk>/taken-back/", inviting_many.sending_undo, name="sending_undo"),
    path("feedback/waiting/", inviting.waiting, name="waiting"),
]
