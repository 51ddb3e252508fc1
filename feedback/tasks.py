"""What Celery finds of this room; the work itself stands where its subject is."""

from feedback.figures.counting import count_answers
from feedback.following.news import tell_news
from feedback.following.topics import sort_comments
from feedback.inviting.jobs import invite_tonight, plan_invitations
from feedback.inviting.many import invite_segment

__all__ = ["count_answers", "invite_segment", "invite_tonight", "plan_invitations", "sort_comments", "tell_news"]
