from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """One line of the table: what was measured, against what, and the bar it must keep."""

    what: str
    value: float
    unit: str  # "x" for a ratio, else "s", "MB", "kB", "queries"
    bar: float
    detail: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "holds": self.holds}

    def __str__(self) -> str:
        bar = f"{'>=' if self.at_least else '<='} {self.bar:g} {self.unit}"
        verdict = "holds" if self.holds else "MISSED"
        return f"{self.what:<46} {self.value:>9.2f} {self.unit:<8} bar {bar:<14} {verdict:<7} {self.detail}"
