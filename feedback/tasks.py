"""What Celery finds of this room; the work itself stands where its subject is."""

from feedback.inviting.jobs import invite_tonight, plan_invitations
from feedback.inviting.many import invite_segment

__all__ = ["invite_segment", "invite_tonight", "plan_invitations"]
