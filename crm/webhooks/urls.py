"""Included by crm/urls.py, so their names are crm:…"""

from django.urls import URLPattern, URLResolver, path

from crm.views import webhooks

PAUSE, RESUME = {"step": "pause"}, {"step": "resume"}

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/new/", webhooks.webhook_new, name="webhook_new"),
    path("settings/webhooks/<int:webhook_id>/", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<int:webhook_id>/change/", webhooks.webhook_edit, name="webhook_edit"),
    path("settings/webhooks/<int:webhook_id>/pause/", webhooks.webhook_step, PAUSE, name="webhook_pause"),
    path("settings/webhooks/<int:webhook_id>/return/", webhooks.webhook_step, RESUME, name="webhook_resume"),
    path("settings/webhooks/<int:webhook_id>/test/", webhooks.webhook_test, name="webhook_test"),
    path("settings/webhooks/<int:webhook_id>/secret/", webhooks.webhook_secret, name="webhook_secret"),
    path("settings/webhooks/<int:webhook_id>/removal/", webhooks.webhook_removal, name="webhook_removal"),
    path("settings/webhooks/<int:webhook_id>/again/", webhooks.webhook_replay, name="webhook_replay"),
    path("settings/webhooks/<int:webhook_id>/<int:delivery_id>/", webhooks.delivery, name="delivery"),
    path(
        "settings/webhooks/<int:webhook_id>/<int:delivery_id>/again/", webhooks.delivery_replay, name="delivery_replay"
    ),
]
