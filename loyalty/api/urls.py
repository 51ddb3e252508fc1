from django.urls import path

from loyalty.api import returns, till

app_name = "loyalty_api"

urlpatterns = [
    path("till/quotes/", till.QuoteList.as_view(), name="quotes"),
    path("till/holds/", till.HoldList.as_view(), name="holds"),
    path("till/holds/<int:pk>/", till.HoldDetail.as_view(), name="hold"),
    path("till/holds/<int:pk>/commit/", till.Commit.as_view(), name="commit"),
    path("till/holds/<int:pk>/void/", till.Void.as_view(), name="void"),
    path("till/returns/", returns.ReturnList.as_view(), name="returns"),
    path("till/returns/preview/", returns.ReturnPreview.as_view(), name="preview"),
]
