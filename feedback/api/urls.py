from django.urls import path

from feedback.api import invitations, responses

app_name = "feedback_api"

urlpatterns = [
    path("surveys/", invitations.SurveyList.as_view(), name="surveys"),
    path("invitations/", invitations.InvitationList.as_view(), name="invitations"),
    path("responses/", responses.ResponseList.as_view(), name="responses"),
]
