"""Every sort of mail that leaves the shop; each room adds its own."""

from crm.mail.first import MAILS as FIRST

MAILS = [*FIRST]
