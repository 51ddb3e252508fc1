from django.urls import URLPattern, URLResolver, path

from crm.views import card, customers, fields, find, imports, notes, parked, tasks, today

app_name = "crm"

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/parked/", parked.parked, name="parked"),
    path("", today.today, name="today"),
    path("find/", find.find, name="find"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/<int:pk>/done/", tasks.task_done, name="task_done"),
    path("tasks/<int:pk>/open/", tasks.task_open, name="task_open"),
    path("mentions/<int:pk>/seen/", notes.mention_seen, name="mention_seen"),
    path("customers/", customers.customers, name="customers"),
    path("customers/count/", customers.how_many, name="customers_count"),
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
