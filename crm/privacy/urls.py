"""Addresses of privacy, within those of the room."""

from django.urls import path

from crm.views import privacy

urlpatterns = [
    path("privacy/", privacy.privacy, name="privacy"),
    path("customers/<int:pk>/copy/", privacy.copy, name="copy"),
    path("customers/<int:pk>/erasure/", privacy.erasure, name="erasure"),
    path("customers/<int:pk>/certificate/", privacy.certificate, name="certificate"),
    path("customers/<int:pk>/certificate.json", privacy.certificate_file, name="certificate_file"),
    path("customers/<int:pk>/objection/", privacy.objection, name="objection"),
]
