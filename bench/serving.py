"""The site as it is, and beside it the floor views."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.floor"
