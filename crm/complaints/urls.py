from django.urls import URLPattern, URLResolver, path

from crm.views import attachments, complaint_steps, complaints, team

urlpatterns: list[URLPattern | URLResolver] = [
    path("complaints/", complaints.complaints, name="complaints"),
    path("complaints/new/", complaints.complaint_new, name="complaint_new"),
    path("complaints/<int:pk>/", complaints.complaint, name="complaint"),
    path("complaints/<int:pk>/stage/", complaint_steps.stage, name="complaint_stage"),
    path("complaints/<int:pk>/cause/", complaint_steps.cause, name="complaint_cause"),
    path("complaints/<int:pk>/owner/", complaint_steps.owner, name="complaint_owner"),
    path("complaints/<int:pk>/severity/", complaint_steps.severity, name="complaint_severity"),
    path("complaints/<int:pk>/given/", complaint_steps.given, name="complaint_given"),
    path(
        "complaints/<int:pk>/given/<int:given_id>/removal/",
        complaint_steps.given_removal,
        name="complaint_given_removal",
    ),
    path("complaints/<int:pk>/files/", attachments.files, name="complaint_files"),
    path("complaints/<int:pk>/talks/", attachments.talks, name="complaint_talks"),
    path("complaints/<int:pk>/talk/", attachments.talk_belongs, name="complaint_talk"),
    path("attachments/<int:pk>/", attachments.attachment, name="attachment"),
    path("attachments/<int:pk>/removal/", attachments.attachment_removal, name="attachment_removal"),
    path("team/", team.team, name="team"),
]
