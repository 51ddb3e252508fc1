"""Somebody who opens a form, takes their time, and sends it."""

import re
from datetime import timedelta

import time_machine
from django.utils import timezone


class Person:
    def __init__(self, client, address):
        self.client, self.address = client, address

    def opens(self, query=""):
        return self.client.get(self.address + query)

    def stamp(self, query=""):
        return re.search(r'name="stamp" value="([^"]+)"', self.opens(query).content.decode())[1]

    def sends(self, query="", *, after=5, **typed):
        """Their answer, some seconds after the form was opened."""
        typed = {"stamp": self.stamp(query), **typed} if "stamp" not in typed else typed
        with time_machine.travel(timezone.now() + timedelta(seconds=after), tick=True):
            return self.client.post(self.address + query, typed)
