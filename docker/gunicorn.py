"""The web server in production. No access log: the application writes one line a request, without secrets."""

import os

bind = "0.0.0.0:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_tmp_dir = "/dev/shm"  # noqa: S108  (memory: a heartbeat must not wait for a disk)
timeout = 30
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
raw_env = ["REGULARS_ROLE=web"]
