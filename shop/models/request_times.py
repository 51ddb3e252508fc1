from django.db import models


class RequestTimes(models.Model):
    """How many requests of one route were answered so quickly, by all processes of the web since the beginning."""

    route = models.CharField(max_length=120)
    status = models.CharField(max_length=3)  # 2xx
    step = models.PositiveSmallIntegerField()  # of shop.request_times.STEPS; one beyond the last: longer
    requests = models.BigIntegerField()
    seconds = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["route", "status", "step"], name="request_times_counted_once")]
