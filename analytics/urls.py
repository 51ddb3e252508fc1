from django.urls import URLPattern, URLResolver, path

from analytics.views import at_risk, response_bias, retention

app_name = "analytics"

urlpatterns: list[URLPattern | URLResolver] = [
    path("retention/", retention.retention, name="retention"),
    path("retention/figures.csv", retention.download, name="retention_csv"),
    path("retention/recompute/", retention.recompute, name="recompute"),
    path("retention/customers/", retention.behind_figure, name="behind"),
    path("at-risk/", at_risk.at_risk, name="at_risk"),
    path("feedback/who-did-not-answer/", response_bias.who_did_not_answer, name="response_bias"),
    path("at-risk/customers.csv", at_risk.download, name="at_risk_csv"),
]
