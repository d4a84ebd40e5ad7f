"""Written rules against a history: a verdict on every activation, tallies that add up, and the witnesses."""

from crmusage.conformance._assess import judge, judge_rule, tally
from crmusage.conformance._effect import EffectSetting, effect, judge_effect
from crmusage.conformance._effect_endings import EndingsCompared, compare_endings, tally_endings
from crmusage.conformance._effect_tally import tally_effect
from crmusage.conformance._effect_value import Design, Effect, Shift, Step, Trend, Unjudged
from crmusage.conformance._kernels import Judged
from crmusage.conformance._scope import unseen
from crmusage.conformance._spark import tally_on_spark
from crmusage.conformance._times import assumed
from crmusage.conformance._witnesses import witnesses

__all__ = [
    "Design",
    "Effect",
    "EffectSetting",
    "EndingsCompared",
    "Judged",
    "Shift",
    "Step",
    "Trend",
    "Unjudged",
    "assumed",
    "compare_endings",
    "effect",
    "judge",
    "judge_effect",
    "judge_rule",
    "tally",
    "tally_effect",
    "tally_endings",
    "tally_on_spark",
    "unseen",
    "witnesses",
]
