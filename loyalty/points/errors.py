"""Why a verb of the ledger was refused; each carries what a caller needs to word it."""


class NotEnoughPoints(Exception):
    def __init__(self, needed: int, available: int) -> None:
        super().__init__(f"{needed} points are needed, {available} are there")
        self.needed, self.available = needed, available

    @property
    def missing(self) -> int:
        return self.needed - self.available


class KeyUsedOtherwise(Exception):
    """The same key came with something else: the caller mixes up two doings."""

    def __init__(self, key: str) -> None:
        super().__init__("this key was used for something else")
        self.key = key


class HoldIsOver(Exception):
    """`status`: how it ended."""

    def __init__(self, status: str) -> None:
        super().__init__(f"the hold is {status}")
        self.status = status


class MoreThanWasSpent(Exception):
    """Points cannot come back that were not spent, or came back already. `left`: so many can."""

    def __init__(self, asked: int, left: int) -> None:
        super().__init__(f"{left} points can come back, not {asked}")
        self.asked, self.left = asked, left
