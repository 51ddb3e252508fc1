from django.urls import URLPattern, URLResolver, include, path

app_name = "feedback"

# Each part of the room brings its own.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("feedback.figures.urls")),
    path("", include("feedback.surveys.urls")),
    path("", include("feedback.answering.urls")),
    path("", include("feedback.inviting.urls")),
    path("", include("feedback.following.urls")),
]
