"""Figures with their intervals, and how units are held against their peers: one statistic a file."""

from crmusage.metrics._adjust import benjamini_hochberg
from crmusage.metrics._circular import Rotation, rotation_test
from crmusage.metrics._contrast import Contrast, contrast
from crmusage.metrics._distortion import distortion, period_spread
from crmusage.metrics._divergence import divergences
from crmusage.metrics._exact import exact_above
from crmusage.metrics._funnel import FEWEST_PEERS, Funnel, Peers, Standing, overdispersion
from crmusage.metrics._hierarchy import Hierarchy, hierarchical
from crmusage.metrics._many import Standings, standings
from crmusage.metrics._onset import Change, change_point, first_of_month, onset
from crmusage.metrics._rate import dispersion, rate
from crmusage.metrics._share import share, wilson
from crmusage.metrics._stratified import Odds, mantel_haenszel
from crmusage.metrics._typical import LOG_STEPS, deviation_of_logs, fixed_log, mean_of_logs, typical_duration

__all__ = [
    "FEWEST_PEERS",
    "LOG_STEPS",
    "Change",
    "Contrast",
    "Funnel",
    "Hierarchy",
    "Odds",
    "Peers",
    "Rotation",
    "Standing",
    "Standings",
    "benjamini_hochberg",
    "change_point",
    "contrast",
    "deviation_of_logs",
    "dispersion",
    "distortion",
    "divergences",
    "exact_above",
    "first_of_month",
    "fixed_log",
    "hierarchical",
    "mantel_haenszel",
    "mean_of_logs",
    "onset",
    "overdispersion",
    "period_spread",
    "rate",
    "rotation_test",
    "share",
    "standings",
    "typical_duration",
    "wilson",
]
