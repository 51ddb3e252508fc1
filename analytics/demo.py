"""What the demo shop has behind it: flags of the months before with what became of them, and goals on their way."""

from datetime import date, timedelta
from typing import Any

from django.db import connection

from analytics.models import Goal
from shop.models import User

OLDEST, YOUNGEST = 450, 91  # days ago
EXPIRES = 90

# As the rules would have raised them: from the third purchase on, a silence of twice the usual one. What came of it is
# what the orders say; whom somebody rang, or gave an offer, is drawn by their number and changes nothing.
_FLAGS = """
    WITH days AS (
        SELECT customer_id, (placed_at AT TIME ZONE %(zone)s)::date AS day, sum(net) AS net
          FROM crm_order WHERE paid_at IS NOT NULL AND cancelled_at IS NULL AND net > 0 GROUP BY 1, 2),
    gaps AS (
        SELECT *, day - lag(day) OVER own AS gap, lead(day) OVER own AS next, count(*) OVER own AS nth,
               avg(net) OVER (own ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS usual
          FROM days WINDOW own AS (PARTITION BY customer_id ORDER BY day)),
    rhythms AS (
        SELECT *, round(avg(gap) OVER (PARTITION BY customer_id ORDER BY day))::int AS usual_days FROM gaps),
    raised AS (
        SELECT *, day + greatest(2 * usual_days, 14) AS raised_on, customer_id %% 3 = 0 AS rung,
               customer_id %% 7 = 0 AS given
          FROM rhythms WHERE nth >= 3)
    INSERT INTO analytics_flag (customer_id, state, raised_at, state_since, last_on, silent_days, usual_days,
                                announced, low_score, complained, smaller, contacted_at, offered_at, closed_at,
                                closed_why, dismissal)
    SELECT customer_id, 'overdue', raised_on + time '06:00', raised_on, day, raised_on - day, usual_days, true,
           false, false, net < 0.8 * usual,
           CASE WHEN rung AND ended_on > raised_on + 3 THEN raised_on + 3 + time '11:00' END,
           CASE WHEN given AND ended_on > raised_on + 5 THEN raised_on + 5 + time '15:00' END,
           ended_on + time '12:00', CASE WHEN next = ended_on THEN 'purchase' ELSE 'expired' END, ''
      FROM raised,
           LATERAL (SELECT least(coalesce(next, date 'infinity'), raised_on + %(expires)s) AS ended_on) AS ending
     WHERE (next IS NULL OR next > raised_on) AND raised_on BETWEEN %(oldest)s AND %(youngest)s AND usual_days > 0
     ORDER BY raised_on, customer_id
"""


def tell(staff: dict[str, User], today: date) -> None:
    days = {"oldest": today - timedelta(days=OLDEST), "youngest": today - timedelta(days=YOUNGEST)}
    with connection.cursor() as cursor:
        cursor.execute(_FLAGS, {"zone": "Europe/London", "expires": EXPIRES, **days})
    Goal.objects.bulk_create(_goals(staff["mira"], today))


def _goals(mira: User, today: date) -> list[Goal]:
    begun, due = today - timedelta(days=100), today + timedelta(days=90)
    goals: dict[str, Any] = {"repeat_90": (0.38, 0.42), "average_order": (450.0, 480.0), "response_rate": (0.3, 0.4)}
    return [
        Goal(metric=metric, start_value=start, target=target, begins_on=begun, due_on=due, made_by=mira)
        for metric, (start, target) in goals.items()
    ]
