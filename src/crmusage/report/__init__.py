"""What a verification says, as a value, and that value as text, HTML, JSON and frames, in two languages."""

from crmusage.report._adoptability import adoptability_page, criteria_chart
from crmusage.report._effect import effect_chart, effect_html, effect_page
from crmusage.report._knowledge import erosion_chart, knowledge_page
from crmusage.report._maturity import maturity_page, stage_grid
from crmusage.report._report import Report

__all__ = [
    "Report",
    "adoptability_page",
    "criteria_chart",
    "effect_chart",
    "effect_html",
    "effect_page",
    "erosion_chart",
    "knowledge_page",
    "maturity_page",
    "stage_grid",
]
