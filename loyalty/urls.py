from django.urls import URLPattern, URLResolver, include, path

from loyalty.views import discounts, discounts_giving, discounts_rows

app_name = "loyalty"

urlpatterns: list[URLPattern | URLResolver] = [
    path("discounts/", discounts.discounts, name="discounts"),
    path("discounts/new/", discounts.discount_new, name="discount_new"),
    path("discounts/many/", discounts_giving.give_many, name="give_many"),
    path("discounts/<int:pk>/", discounts.discount, name="discount"),
    path("discounts/<int:pk>/helped/", discounts.discount_helped, name="discount_helped"),
    path("discounts/<int:pk>/terms/", discounts.discount_edit, name="discount_edit"),
    path("discounts/<int:pk>/pause/", discounts.discount_pause, name="discount_pause"),
    path("discounts/<int:pk>/archive/", discounts.discount_archive, name="discount_archive"),
    path("discounts/<int:pk>/uses/", discounts_rows.discount_uses, name="discount_uses"),
    path("discounts/<int:pk>/rehearsals/", discounts_rows.discount_rehearsals, name="discount_rehearsals"),
    path("discounts/rehearsals/<int:pk>/", discounts_rows.discount_rehearsal, name="discount_rehearsal"),
    path(
        "discounts/rehearsals/<int:pk>/orders/",
        discounts_rows.discount_rehearsal_orders,
        name="discount_rehearsal_orders",
    ),
    path("discounts/<int:pk>/codes/", discounts.discount_code, name="discount_code"),
    path("discounts/given/<int:pk>/", discounts_giving.assignment, name="assignment"),
    path("discounts/given/<int:pk>/customers/", discounts_rows.assignment_customers, name="assignment_customers"),
    path("discounts/given/<int:pk>/undo/", discounts_giving.assignment_undo, name="assignment_undo"),
    path("discounts/given/<int:pk>/decision/", discounts_giving.assignment_decide, name="assignment_decide"),
    path("discounts/grants/<int:pk>/", discounts_giving.grant, name="grant"),
    path("discounts/grants/<int:pk>/withdraw/", discounts_giving.grant_withdraw, name="grant_withdraw"),
    path("customers/<int:pk>/discounts/new/", discounts_giving.give_one, name="give_one"),
    path("", include("loyalty.points.urls")),
    path("", include("loyalty.programme.urls")),
    path("", include("loyalty.till.urls")),
]
