from django.urls import URLPattern, URLResolver, path

from loyalty.views import points

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/<int:pk>/points/", points.points, name="points"),
    path("customers/<int:pk>/points/new/", points.adjust, name="points_adjust"),
    path("points/", points.owed, name="points_owed"),
    path("points/months.csv", points.owed_csv, name="points_owed_csv"),
    path("points/movements/", points.entries, name="points_entries"),
    path("points/movements.csv", points.entries_csv, name="points_entries_csv"),
    path("points/checks/", points.check, name="points_check"),
    path("points/adjustments/<int:pk>/decision/", points.decide, name="points_decide"),
]
