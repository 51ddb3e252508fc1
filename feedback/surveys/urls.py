from django.urls import path

from feedback.views import brand, builder, preview, surveys

urlpatterns = [
    path("feedback/surveys/", surveys.surveys, name="surveys"),
    path("feedback/surveys/new/", surveys.survey_new, name="survey_new"),
    path("feedback/surveys/<int:pk>/", builder.survey, name="survey"),
    path("feedback/surveys/<int:pk>/settings/", surveys.survey_edit, name="survey_edit"),
    path("feedback/surveys/<int:pk>/state/", surveys.survey_state, name="survey_state"),
    path("feedback/surveys/<int:pk>/publication/", builder.publish, name="survey_publish"),
    path("feedback/surveys/<int:pk>/discard/", builder.discard, name="survey_discard"),
    path("feedback/surveys/<int:pk>/discard/back/", builder.draft_back, name="survey_draft_back"),
    path("feedback/surveys/<int:pk>/languages/", builder.language, name="survey_language"),
    path("feedback/surveys/<int:pk>/around/", builder.around, name="survey_around"),
    path("feedback/surveys/<int:pk>/questions/new/", builder.question_new, name="survey_question_new"),
    path("feedback/surveys/<int:pk>/questions/back/", builder.question_back, name="survey_question_back"),
    path("feedback/surveys/<int:pk>/questions/<slug:name>/", builder.question, name="survey_question"),
    path(
        "feedback/surveys/<int:pk>/questions/<slug:name>/place/", builder.question_place, name="survey_question_place"
    ),
    path("feedback/surveys/<int:pk>/questions/<slug:name>/out/", builder.question_out, name="survey_question_out"),
    path("feedback/surveys/<int:pk>/versions/<int:number>/", builder.version, name="survey_version"),
    path("feedback/surveys/<int:pk>/preview/", preview.preview, name="survey_preview"),
    path("feedback/surveys/<int:pk>/tests/", preview.tests, name="survey_tests"),
    path("feedback/look/", brand.brand, name="brand"),
    path("feedback/look/tones/", brand.brand_tones, name="brand_tones"),
    path("f/brand.css", brand.brand_css, name="brand_css"),
    path("f/logo", brand.brand_logo, name="brand_logo"),
]
