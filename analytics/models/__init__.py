from analytics.models.figures import Figures, PurchaseDays
from analytics.models.flag import Flag
from analytics.models.generation import CohortCell, Generation, PeriodFigure
from analytics.models.stale import Stale

__all__ = ["CohortCell", "Figures", "Flag", "Generation", "PeriodFigure", "PurchaseDays", "Stale"]
