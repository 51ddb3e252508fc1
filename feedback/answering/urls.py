from django.urls import path

from feedback.views import assisted, form, me, open_form, ways

urlpatterns = [
    path("f/<str:secret>/", form.form, name="form"),
    path("f/<str:secret>/opened/", form.opened, name="form_opened"),
    path("s/<str:code>/", open_form.open_form, name="open_form"),
    path("s/<str:code>/frame/", open_form.open_form, {"framed": True}, name="framed_form"),
    path("s/<str:code>/widget.js", open_form.widget_script, name="widget_script"),
    path("me/open/<str:secret>/answer/", me.me_answer, name="me_answer"),
    path("feedback/surveys/<int:pk>/ways/", ways.ways, name="survey_ways"),
    path("feedback/surveys/<int:pk>/ways/qr.<str:kind>", ways.qr_file, name="survey_qr"),
    path("customers/<int:customer_id>/answers/", assisted.surveys, name="customer_surveys"),
    path("customers/<int:customer_id>/answers/<int:pk>/", assisted.answer, name="answer_for"),
]
