"""What a verification says, as a value, and that value as text, HTML, JSON and frames, in two languages."""

from crmusage.report._adoptability import adoptability_page, criteria_chart
from crmusage.report._close import close_chart, close_page
from crmusage.report._effect import effect_chart, effect_html, effect_page
from crmusage.report._knowledge import erosion_chart, knowledge_page
from crmusage.report._maturity import maturity_page, stage_grid
from crmusage.report._overview import programme_page
from crmusage.report._report import Report
from crmusage.report._ways import ways_chart

__all__ = [
    "Report",
    "adoptability_page",
    "close_chart",
    "close_page",
    "criteria_chart",
    "effect_chart",
    "effect_html",
    "effect_page",
    "erosion_chart",
    "knowledge_page",
    "maturity_page",
    "programme_page",
    "stage_grid",
    "ways_chart",
]
