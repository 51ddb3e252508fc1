from django.urls import path

from loyalty.views import returns, till

urlpatterns = [
    path("till/", till.till, name="till"),
    path("till/line/", till.till_line, name="till_line"),
    path("till/quote/", till.till_quote, name="till_quote"),
    path("till/holds/", till.till_holds, name="till_holds"),
    path("till/holds/<int:pk>/", till.till_hold, name="till_hold"),
    path("till/holds/<int:pk>/commit/", till.till_commit, name="till_commit"),
    path("till/holds/<int:pk>/extend/", till.till_extend, name="till_extend"),
    path("till/holds/<int:pk>/void/", till.till_void, name="till_void"),
    path("customers/<int:pk>/returns/", returns.customer_orders, name="customer_orders"),
    path("orders/<int:pk>/return/", returns.order_return, name="order_return"),
]
