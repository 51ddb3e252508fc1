"""Every sort of mail that leaves the shop; each room adds its own."""

from crm.mail.first import MAILS as FIRST
from feedback.following.news import MAILS as NEWS
from feedback.inviting.mails import MAILS as SURVEYS
from loyalty.points.reminding import MAILS as POINTS
from loyalty.programme.notices import MAILS as PROGRAMME

MAILS = [*FIRST, *PROGRAMME, *POINTS, *SURVEYS, *NEWS]
