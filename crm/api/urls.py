from django.urls import path

from crm.api import (
    cards,
    complaints,
    consents,
    customers,
    events,
    many,
    merges,
    naming,  # noqa: F401  (its converter is used below)
    orders,
    people,
    tasks,
)

app_name = "crm_api"

# A reference may hold slashes ("2026/11/7"), so the longer addresses come first.
urlpatterns = [
    path("customers/", customers.CustomerList.as_view(), name="customers"),
    path("segments/", customers.SegmentList.as_view(), name="segments"),
    path("segments/<int:segment_id>/customers/", customers.SegmentCustomers.as_view(), name="segment_customers"),
    path("customers/bulk/", many.CustomersAtOnce.as_view(), name="customers_at_once"),
    path("customers/<customer:pk>/consents/", consents.ConsentList.as_view(), name="consents"),
    path("customers/<customer:pk>/tags/", cards.TagList.as_view(), name="card_tags"),
    path("customers/<customer:pk>/custom/", cards.CustomValues.as_view(), name="card_custom"),
    path("customers/<customer:pk>/", people.CardDetail.as_view(), name="card"),
    path("customers/<customer:pk>/fields/", people.CardFields.as_view(), name="card_fields"),
    path("customers/<customer:pk>/notes/", people.NoteList.as_view(), name="card_notes"),
    path("cards/", people.CardList.as_view(), name="cards"),
    path("tags/", people.TagNames.as_view(), name="tags"),
    path("fields/", people.OwnFields.as_view(), name="own_fields"),
    path("customers/<customer:pk>/merge/", merges.MergeList.as_view(), name="merge"),
    path("complaints/", complaints.ComplaintList.as_view(), name="complaints"),
    path("complaints/<int:pk>/", complaints.ComplaintDetail.as_view(), name="complaint"),
    path("complaints/<int:pk>/stage/", complaints.ComplaintStage.as_view(), name="complaint_stage"),
    path("tasks/", tasks.TaskList.as_view(), name="tasks"),
    path("tasks/<int:pk>/", tasks.TaskDetail.as_view(), name="task"),
    path("tasks/<int:pk>/done/", tasks.TaskDone.as_view(), name="task_done"),
    path("events/", events.EventList.as_view(), name="events"),
    path("refunds/", orders.Refunds.as_view(), name="all_refunds"),
    path("orders/", orders.OrderList.as_view(), name="orders"),
    path("orders/bulk/", many.OrdersAtOnce.as_view(), name="orders_at_once"),
    path("orders/<str:source>/<path:reference>/refunds/", orders.RefundList.as_view(), name="refunds"),
    path("orders/<str:source>/<path:reference>/cancellation/", orders.Cancellation.as_view(), name="cancellation"),
    path("orders/<str:source>/<path:reference>/payment/", orders.Payment.as_view(), name="payment"),
    path("orders/<str:source>/<path:reference>/", orders.OrderDetail.as_view(), name="order"),
]
