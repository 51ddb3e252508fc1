"""Celery carries wake-ups only; the work list is in the database (see crm/events/relay.py)."""

import os

from celery import Celery

import config.broker  # noqa: F401  (before the first connection)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Two BLAS threads are slower here than one and use 2.8 times the processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = Celery("regulars")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
