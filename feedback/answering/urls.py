from django.urls import path

from feedback.views import form

urlpatterns = [
    path("f/<str:secret>/", form.form, name="form"),
    path("f/<str:secret>/opened/", form.opened, name="form_opened"),
]
