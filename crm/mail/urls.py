"""Included by crm/urls.py, so their names are crm:…"""

from django.urls import URLPattern, URLResolver, path

from crm.views.mail import card, kept, queue, texts, webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("mail/", queue.queue, name="mails"),
    path("mail/<int:message_id>/", queue.message, name="mail"),
    path("mail/<int:message_id>/body/", queue.body, name="mail_body"),
    path("mail/<int:message_id>/taken-back/", queue.taken_back, name="mail_taken_back"),
    path("mail/<int:message_id>/again/", queue.again, name="mail_again"),
    path("mail/kept/", kept.kept, name="kept_mails"),
    path("mail/kept/<int:kept_id>/", kept.kept_one, name="kept_mail"),
    path("mail/kept/<int:kept_id>/body/", kept.kept_body, name="kept_mail_body"),
    path("mail/webhooks/<slug:provider>/", webhooks.webhook, name="mail_webhook"),
    path("settings/texts/", texts.texts, name="mail_texts"),
    path("settings/texts/<slug:template>/<slug:language>/", texts.text, name="mail_text"),
    path("settings/texts/<slug:template>/<slug:language>/preview/", texts.preview, name="mail_text_preview"),
    path("customers/<int:pk>/card-link/", card.card_link, name="customer_card_link"),
    path("customers/<int:pk>/preferences-link/", card.preferences_link, name="customer_preferences_link"),
]
