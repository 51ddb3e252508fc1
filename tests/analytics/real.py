"""Real histories the models are held against, and synthetic ones with known parameters."""

import csv
import gzip
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from analytics.lifetime.purchases import Summary

HERE = Path(__file__).parent / "data"
DEMO = Path(__file__).parents[2] / "demo" / "online_retail_orders.csv.gz"


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


@cache
def cdnow():
    """Summary and mean repeat spend of the CDNOW sample until 1997-09-30."""
    table = np.array([[float(v) for v in row.values()] for row in rows(HERE / "cdnow_sample_counts.csv.gz")])
    x, t_x, T, spend = table.T
    return Summary.of(x, t_x / 7, T / 7), spend


@cache
def online_retail(until="2011-12-09"):
    """Customer numbers and days (ordinals) of all purchase days of the sales rows."""
    pairs = {
        (row["customer_id"], date.fromisoformat(row["ordered_at"][:10]).toordinal())
        for row in rows(DEMO)
        if row["kind"] == "sale" and row["customer_id"] and float(row["amount"]) > 0 and row["ordered_at"][:10] <= until
    }
    names, day = zip(*sorted(pairs), strict=True)
    return np.unique(names, return_inverse=True)[1], np.array(day)


def online_retail_summary(until="2011-12-09"):
    return Summary.of_purchase_days(*online_retail(until), date.fromisoformat(until).toordinal())


def months(days):
    """Running month numbers of ordinals."""
    return np.array([d.year * 12 + d.month - 1 for d in map(date.fromordinal, days)])


def month(text):
    return int(text[:4]) * 12 + int(text[5:7]) - 1


def simulated(size, k, r, alpha, a, b, horizon=52.0, seed=7):
    """Histories of the MBG/CNBD-k process, and what each bought in the horizon after."""
    rng = np.random.default_rng(seed)
    T, rate, leaving = rng.uniform(26, 104, size), rng.gamma(r, 1 / alpha, size), rng.beta(a, b, size)
    now, x, t_x, after, log_gaps = (np.zeros(size) for _ in range(5))
    here = np.flatnonzero(rng.random(size) > leaving)
    while here.size:
        gap = rng.gamma(k, 1 / rate[here])
        now[here] += gap
        seen = now[here] <= T[here]
        x[here[seen]] += 1
        t_x[here[seen]] = now[here[seen]]
        log_gaps[here[seen]] += np.log(gap[seen])
        within = now[here] <= T[here] + horizon
        after[here[within & ~seen]] += 1
        here = here[within & (rng.random(here.size) > leaving[here])]
    return Summary.of(x, t_x, T, log_gaps=log_gaps), after


def gone_after(until):
    """Of the customers seen until then, in order, who did not buy again."""
    (early, _), (everyone, day) = online_retail(until), online_retail()
    last = date.fromisoformat(until).toordinal()
    known, back = np.unique(everyone[day <= last]), np.unique(everyone[day > last])
    assert known.size == early.max() + 1
    return ~np.isin(known, back)


def auc(score, outcome):
    """The chance that one with the outcome scores higher than one without."""
    ranks, hits = rankdata(score), outcome.sum()
    return (ranks[outcome].sum() - hits * (hits + 1) / 2) / (hits * (outcome.size - hits))
