from analytics.models.asked import AskedFigures
from analytics.models.figures import Figures, PurchaseDays
from analytics.models.flag import Flag
from analytics.models.forecast import Forecast, Foretold
from analytics.models.generation import CohortCell, Generation, PeriodFigure
from analytics.models.goal import Goal
from analytics.models.rfm_period import RfmPeriod
from analytics.models.scores import Scores
from analytics.models.stale import Stale

__all__ = [
    "AskedFigures",
    "CohortCell",
    "Figures",
    "Flag",
    "Forecast",
    "Foretold",
    "Generation",
    "Goal",
    "PeriodFigure",
    "PurchaseDays",
    "RfmPeriod",
    "Scores",
    "Stale",
]
