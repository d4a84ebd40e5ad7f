"""Figures with their intervals, and how units are held against their peers: one statistic a file."""

from crmusage.metrics._adjust import benjamini_hochberg
from crmusage.metrics._contrast import Contrast, contrast
from crmusage.metrics._distortion import distortion, period_spread
from crmusage.metrics._funnel import FEWEST_PEERS, Funnel, Peers, Standing, overdispersion
from crmusage.metrics._onset import Change, change_point, first_of_month, onset
from crmusage.metrics._share import share, wilson
from crmusage.metrics._typical import LOG_STEPS, deviation_of_logs, fixed_log, mean_of_logs, typical_duration

__all__ = [
    "FEWEST_PEERS",
    "LOG_STEPS",
    "Change",
    "Contrast",
    "Funnel",
    "Peers",
    "Standing",
    "benjamini_hochberg",
    "change_point",
    "contrast",
    "deviation_of_logs",
    "distortion",
    "first_of_month",
    "fixed_log",
    "mean_of_logs",
    "onset",
    "overdispersion",
    "period_spread",
    "share",
    "typical_duration",
    "wilson",
]
