"""Included by feedback/urls.py, so their names are feedback:…"""

from django.urls import URLPattern, URLResolver, path

from feedback.views import news, topics

urlpatterns: list[URLPattern | URLResolver] = [
    path("feedback/topics/", topics.topic_list, name="topics"),
    path("feedback/topics/<int:pk>/", topics.topic, name="topic"),
    path("feedback/topics/<int:pk>/put-away/", topics.topic_put_away, name="topic_put_away"),
    path("feedback/topics/news/<int:pk>/", news.news, name="topic_news"),
    path("feedback/topics/news/<int:pk>/undo/", news.news_undo, name="topic_news_undo"),
    path("feedback/comments/", topics.comments, name="comments"),
    path("feedback/comments/<int:pk>/topics/", topics.correct, name="comment_topics"),
]
