from django.urls import URLPattern, URLResolver, include, path

from crm.views import card, customers, fields, find, imports, notes, parked, segments, tasks, today

app_name = "crm"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("crm.mail.urls")),
    path("settings/parked/", parked.parked, name="parked"),
    path("", today.today, name="today"),
    path("find/", find.find, name="find"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/<int:pk>/done/", tasks.task_done, name="task_done"),
    path("tasks/<int:pk>/open/", tasks.task_open, name="task_open"),
    path("mentions/<int:pk>/seen/", notes.mention_seen, name="mention_seen"),
    path("customers/", customers.customers, name="customers"),
    path("customers/counts/", customers.counts, name="customers_counts"),
    path("customers/columns/", segments.columns, name="customers_columns"),
    path("customers/views/", segments.segments, name="segments"),
    path("customers/views/<int:segment_id>/", segments.segment, name="segment"),
    path("customers/views/<int:segment_id>/question/", segments.question, name="segment_question"),
    path("customers/views/<int:segment_id>/removal/", segments.removal, name="segment_removal"),
    path("customers/views/<int:segment_id>/return/", segments.return_, name="segment_return"),
    path("customers/views/<int:segment_id>/pin/", segments.pin, name="segment_pin"),
    path("customers/views/<int:segment_id>/first/", segments.first, name="segment_first"),
    path("customers/views/<int:segment_id>/place/", segments.place, name="segment_place"),
    path("customers/new/", card.customer_new, name="customer_new"),
    path("customers/<int:pk>/", card.card, name="customer"),
    path("customers/<int:pk>/timeline/", card.happenings, name="timeline"),
    path("customers/<int:pk>/next/", card.neighbouring, {"step": "next"}, name="customer_next"),
    path("customers/<int:pk>/previous/", card.neighbouring, {"step": "previous"}, name="customer_previous"),
    path("customers/<int:pk>/notes/", notes.notes, name="notes"),
    path("customers/<int:pk>/fields/<slug:name>/", fields.field, name="field"),
    path("customers/<int:pk>/changes/<int:event>/<slug:name>/", fields.change, name="change"),
    path("customers/<int:pk>/contacts/", fields.contact, name="contact_new"),
    path("customers/<int:pk>/contacts/<int:identifier>/", fields.contact, name="contact"),
    path("import/", imports.start, name="import"),
    path("import/<int:import_id>/", imports.one, name="import_one"),
    path("import/<int:import_id>/columns/", imports.mapping, name="import_mapping"),
    path("import/<int:import_id>/application/", imports.application, name="import_application"),
    path("import/<int:import_id>/removal/", imports.removal, name="import_removal"),
    path("import/<int:import_id>/rejected.csv", imports.rejected, name="import_rejected"),
]
