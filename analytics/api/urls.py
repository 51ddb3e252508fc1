from django.urls import path

from analytics.api import flags, forecasts, metrics

app_name = "analytics_api"

urlpatterns = [
    path("flags/", flags.FlagList.as_view(), name="flags"),
    path("flags/<int:pk>/stage/", flags.FlagStage.as_view(), name="flag_stage"),
    path("customers/<customer:pk>/forecast/", forecasts.CustomerForecast.as_view(), name="forecast"),
    path("metrics/", metrics.MetricList.as_view(), name="metrics"),
    path("metrics/names/", metrics.MetricNames.as_view(), name="metric_names"),
    path("metrics/<slug:name>/", metrics.MetricDetail.as_view(), name="metric"),
    path("metrics/<slug:name>/months/", metrics.MetricMonths.as_view(), name="metric_months"),
    path("metrics/<slug:name>/customers/", metrics.MetricCustomers.as_view(), name="metric_customers"),
]
