"""Included by feedback/urls.py, so their names are feedback:…"""

from django.urls import path

from feedback.views import figures

urlpatterns = [
    path("feedback/", figures.overview, name="overview"),
    path("feedback/trend.csv", figures.trend_csv, name="trend_csv"),
    path("feedback/asked/", figures.asked, name="asked"),
    path("feedback/answers/", figures.answers, name="answers"),
    path("feedback/answers.csv", figures.answers_csv, name="answers_csv"),
]
