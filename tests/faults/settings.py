"""The site as it is, with one reaction whose effect can be counted."""

from config.settings import *  # noqa: F403

REACTIONS = "tests.faults.reactions.REACTIONS"
API_PER_MINUTE = 1_000_000
