"""Writes scipy.json, the figures that our statistics are compared with.

python3 -m venv venv && venv/bin/pip install scipy==1.17.1 && venv/bin/python make.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(20261124)


def sample(n, centre=100.0, spread=2.0, ties=False):
    values = random.normal(centre, spread, n)
    return [float(value) for value in (np.round(values) if ties else np.round(values, 6))]


def shift_interval(a, b):
    """The differences that the exact test does not refuse at 5 %: every candidate is tried."""
    differences = sorted(y - x for x in a for y in b)
    kept = []
    for low, high in zip(differences, differences[1:]):
        shifted = [y - (low + high) / 2 for y in b]
        if stats.mannwhitneyu(a, shifted, method="exact").pvalue > 0.05:
            kept.append((low, high))
    if not kept or kept[0][0] == differences[0] and stats.mannwhitneyu(
        a, [y - differences[0] + 1 for y in b], method="exact"
    ).pvalue > 0.05:
        return None
    return [kept[0][0], kept[-1][1]]


def two_samples(n, m, ties=False, moved=0.0):
    a, b = sample(n, ties=ties), sample(m, 100.0 + moved, ties=ties)
    exact = not ties and max(n, m) <= 50
    test = stats.mannwhitneyu(b, a, method="exact" if exact else "asymptotic")
    row = {"a": a, "b": b, "u": float(test.statistic), "p": float(test.pvalue), "exact": exact}
    row["shift"] = float(np.median([y - x for x in a for y in b]))
    if exact and n * m <= 150:
        row["interval"] = shift_interval(a, b)
    return row


def one_sample(values):
    row = {"values": values, "mad": float(stats.median_abs_deviation(values)), "cv": float(stats.variation(values, ddof=1))}
    interval = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    row["mean"] = [float(np.mean(values)), *map(float, interval)]
    return row


def power(n, cv, effect):
    """Of the two-sided t-test at 5 % for two groups of n, by the noncentral t distribution."""
    freedom = 2 * n - 2
    bound, distance = stats.t.ppf(0.975, freedom), effect / (cv * np.sqrt(2 / n))
    return float(stats.nct.sf(bound, freedom, distance) + stats.nct.cdf(-bound, freedom, distance))


def effect_for(n, cv):
    low, high = 0.0, 100 * cv
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if power(n, cv, middle) < 0.8 else (low, middle)
    return high


reference = {
    "scipy": scipy.__version__,
    "tQuantile": [[p, df, float(stats.t.ppf(p, df))] for p in (0.6, 0.8, 0.975, 0.995) for df in (1, 2, 9, 18, 58, 1000)],
    "normalCdf": [[z, float(stats.norm.cdf(z))] for z in (-6, -3, -1.96, -0.5, 0, 0.5, 1.96, 3)],
    "normalQuantile": [[p, float(stats.norm.ppf(p))] for p in (0.001, 0.025, 0.5, 0.8, 0.975)],
    "oneSample": [one_sample(sample(n)) for n in (2, 3, 10, 31)],
    "twoSamples": [
        *(two_samples(n, m) for n, m in ((1, 1), (3, 3), (3, 5), (5, 5), (7, 4), (10, 10), (12, 9), (30, 40))),
        *(two_samples(n, m, moved=4.0) for n, m in ((5, 5), (10, 10), (60, 55))),
        *(two_samples(n, m, ties=True, moved=2.0) for n, m in ((6, 6), (10, 10), (12, 30))),
    ],
    "detectable": [[n, 0.02, effect_for(n, 0.02)] for n in (5, 10, 20, 30)],
}
Path(__file__).with_name("scipy.json").write_text(json.dumps(reference, indent=1) + "\n")
