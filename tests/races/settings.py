"""The site as it is, but patient: on a busy machine whoever is last in the queue for a row waits long."""

from tests.faults.settings import *  # noqa: F403
from tests.faults.settings import DATABASES

DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=120000 -c statement_timeout=120000"
DATABASES["default"]["OPTIONS"]["pool"] |= {"timeout": 120}
