from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """When a process of the spine last showed a sign of life; /healthz reads it."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    @classmethod
    def beat(cls, name: str) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": timezone.now()})
