"""What Celery finds of this room; the work itself stands where its subject is."""

from feedback.inviting.jobs import invite_tonight, plan_invitations

__all__ = ["invite_tonight", "plan_invitations"]
