from django.urls import URLPattern, URLResolver

app_name = "feedback"

# Each part of the room brings its own: feedback/surveys/urls.py, inviting/, answering/, following/, figures/.
urlpatterns: list[URLPattern | URLResolver] = []
