"""Addresses of privacy, within those of the room."""

from django.urls import path

from crm.views import clocks, own_data, privacy

urlpatterns = [
    path("settings/clocks/", clocks.clocks, name="clocks"),
    path("settings/clocks/<slug:name>/", clocks.clock, name="clock"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("customers/<int:pk>/copy/", privacy.copy, name="copy"),
    path("customers/<int:pk>/erasure/", privacy.erasure, name="erasure"),
    path("customers/<int:pk>/certificate/", privacy.certificate, name="certificate"),
    path("customers/<int:pk>/certificate.json", privacy.certificate_file, name="certificate_file"),
    path("customers/<int:pk>/objection/", privacy.objection, name="objection"),
    path("me/data/<str:secret>/", own_data.data, name="me_data"),
    path("me/copy/<str:secret>/", own_data.copy, name="me_copy"),
    path("me/copy/<str:secret>/file/", own_data.file, name="me_copy_file"),
]
