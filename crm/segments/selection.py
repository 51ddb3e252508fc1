"""The customers somebody picked in the list: those that are ticked, or all who answer to its question.

The list sends `pick=7&pick=9`, or `all=1&question=state%3Dat_risk`; in both cases `question` says where one was.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.facets import Asker
from crm.models import Customer
from crm.segments.question import Question
from shop.typed import number_in

MOST_PICKED = 1000


@dataclass(frozen=True)
class Selection:
    question: Question
    all: bool = False
    ids: tuple[int, ...] = ()

    @classmethod
    def read(cls, data: QueryDict, asker: Asker) -> "Selection":
        question = Question.read(QueryDict(data.get("question", "")), asker)
        ids = {pk for told in data.getlist("pick")[:MOST_PICKED] if (pk := number_in(told)) is not None}
        return cls(replace(question, place=None), data.get("all") == "1", tuple(sorted(ids)))

    @cached_property
    def customers(self) -> QuerySet[Customer]:
        """Nobody when nobody was picked, and when a part of the question cannot be read."""
        return self.meant.customers

    @cached_property
    def meant(self) -> Question:
        """Who, and in which order; `problems` and `readable` say why it may be nobody."""
        return self.question if self.all else self.question.of_picked(self.ids)

    @property
    def why_nobody(self) -> str:
        """A sentence for whoever wants to do something to them; empty when somebody is meant."""
        if not self.all and not self.ids:
            return _("Nobody is selected.")
        if self.all and not self.question.readable:
            return _("A filter of this view cannot be read, so nobody knows who is meant.")
        return ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """To be sent on by the next form."""
        asked = [("question", self.question.address())]
        return [*asked, ("all", "1")] if self.all else [*asked, *(("pick", str(pk)) for pk in self.ids)]
