"""One check a function: it passes, or fails with what was seen and what would be right."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import pickle
import re
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from typing import Any

import attrs
import polars as pl

from crmusage.detectors import Detector, Judgement
from crmusage.errors import MissingExtraError
from crmusage.model import Finding, Measure, Outcome, Telling, Text, Wording
from crmusage.report import Report
from crmusage.testing._detector_bench import NEEDED, TABLES, Bench

CODE = re.compile(r"[A-Z][A-Z0-9]*[A-Z]\d{3}")
_SOME_TIME = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def protocol(bench: Bench) -> None:
    """It has all that a detector has, a code with a prefix of its author's own, and a plain name."""
    one = bench.detector
    _ask(isinstance(one, Detector), "it lacks a part of crmusage.detectors.Detector")
    _ask(
        bool(CODE.fullmatch(one.code)), f"its code {one.code!r} is not capitals and three digits, as ACME101"
    )
    ours = type(one).__module__.partition(".")[0] == "crmusage"
    _ask(
        ours == one.code.startswith("CU"), f"its code {one.code!r}: the prefix CU is crmusage's, and only its"
    )
    _ask(bool(NAME.fullmatch(one.name)), f"its name {one.name!r} is not lower-case words and hyphens")
    _ask(one.needs.missing(bench.history) is None, "the history to check it with lacks something it needs")


def languages(bench: Bench) -> None:
    """All that people read is there in English and in French: titles, texts, reasons, labels, proposals."""
    one = bench.detector
    for what, text in _texts(one.title, one.about, bench.judgement):
        _ask(bool(text.en.strip()), f"{what} is empty in English")
        _ask(bool(text.fr.strip()), f"{what} is empty in French")
    for what, text in (
        ("about", one.about),
        *(("a finding's text", f.text) for f in bench.judgement.findings),
    ):
        _ask(text.en != text.fr, f"{what} is the same in both languages: {text.en!r}")
    for finding in bench.judgement.findings:
        for what, name, label in _names(finding):
            known = Wording("fr").measure(name, label) != name.replace("_", " ")
            _ask(known, f"{what} {name!r} has no words in French: give it a label")
        told = Telling(finding, Wording("fr")).name
        spoken = finding.name.replace("-", " ")
        _ask(told != spoken, f"a finding {finding.name!r} has no words in French: give it a title")


def empty(bench: Bench) -> None:
    """Of a history without anything it says that nothing could be assessed, and why."""
    nothing = bench.changed(lambda _, frame: frame.head(0))
    _blind(bench.judged(nothing), "an empty history")


def tiny(bench: Bench) -> None:
    """From one, two or three cases it concludes nothing, and it does not fail."""
    for n in (1, 2, 3):
        history = bench.only_cases(n)
        for sizes in (history.unit_sizes(), dict.fromkeys(history.index.units, 99)):
            judgement = bench.judged(history, unit_sizes=sizes)
            _ask(not judgement.findings, f"it finds something in a history of {n} cases")
            _ask(bool(judgement.assessments), f"it says nothing of a history of {n} cases")


def row_order(bench: Bench) -> None:
    """Its judgement does not depend on the order in which rows came."""
    for seed in (1, 2):

        def shuffled(_: str, frame: pl.DataFrame, seed: int = seed) -> pl.DataFrame:
            return frame.sample(fraction=1.0, shuffle=True, seed=seed)

        mixed = bench.changed(shuffled)
        _same(bench.judged(mixed), bench.judgement, "the same rows in another order give another judgement")


def parts(bench: Bench) -> None:
    """Tallies of parts, sent about and merged in any order, give the judgement of the whole."""
    one, context = bench.detector, bench.context(bench.history)
    for n in (2, 5):
        # As a cluster does it: what is tallied travels as bytes.
        tallies = [pickle.loads(pickle.dumps(one.tally(part))) for part in bench.history.parts(n)]  # noqa: S301 - made here
        for how, ordered in (("in order", tallies), ("from the last to the first", tallies[::-1])):
            merged = ordered[0]
            for other in ordered[1:]:
                merged = one.merge(merged, other)
            judgement = one.judge(merged, context)
            _same(judgement, bench.judgement, f"{n} parts merged {how} give another judgement than the whole")
        right = tallies[-1]
        for other in tallies[-2::-1]:
            right = one.merge(other, right)
        _same(one.judge(right, context), bench.judgement, f"it matters which of {n} parts are merged first")


def missing(bench: Bench) -> None:
    """Without anything that it needs it says that it cannot tell, never that all is clear."""
    for table, columns in bench.detector.needs.tables.items():
        _blind(bench.judged(bench.without_table(table)), f"a history without {table}")
        for column in columns:
            if column in NEEDED.get(table, ()):
                continue
            blinded = bench.without_column(table, column)
            # A history may know it from elsewhere: closing times follow from closing events.
            if bench.detector.needs.missing(blinded) is not None:
                _blind(bench.judged(blinded), f"a history without {table}.{column}")
    for activity in bench.detector.needs.activities:
        _blind(bench.judged(bench.without_activity(activity)), f"a history without {activity} events")


def bare(bench: Bench) -> None:
    """Without what it does not need it still ends, and what it needs to see something it says that it needs."""
    needed = bench.detector.needs.tables
    found = {finding.scope.unit for finding in bench.judgement.findings}

    def ends(judgement: Judgement, what: str) -> None:
        _ended(judgement, f"without {what}")
        for one in judgement.assessments:
            blind = one.scope.unit in found and one.outcome is Outcome.CLEAR
            _ask(
                not blind,
                f"without {what} it calls {one.scope.unit} clear, for it cannot see: it needs {what}",
            )

    for table in TABLES:
        if table not in needed and getattr(bench.history, table).height:
            ends(bench.judged(bench.without_table(table)), table)
    for table in ("cases", "events"):
        frame = getattr(bench.history, table)
        for column in frame.columns:
            known = frame[column].null_count() < frame.height
            if known and column not in (*NEEDED[table], *needed.get(table, ())):
                ends(bench.judged(bench.without_column(table, column)), f"{table}.{column}")
    _ended(bench.judged(bench.barest()), "without all that a history can do without")


def small_units(bench: Bench) -> None:
    """It never speaks of a unit under the minimum size, nor of one whose size nobody knows."""
    history = bench.history
    for what, sizes in (
        ("of 4 persons", dict.fromkeys(history.index.units, 4)),
        ("of unknown size", {}),
    ):
        judgement = bench.judged(history, unit_sizes=sizes, min_group=5)
        named = sorted({f.scope.unit for f in judgement.findings if f.scope.unit is not None})
        _ask(not named, f"it names {', '.join(named)}, a unit {what}")
        for one in judgement.assessments:
            seen = one.scope.unit is not None and one.outcome is not Outcome.NOT_ASSESSABLE
            _ask(not seen, f"it calls {one.scope.unit}, a unit {what}, {one.outcome}")
    for unit in {f.scope.unit for f in bench.judgement.findings if f.scope.unit is not None}:
        sizes = {**history.unit_sizes(), unit: 4}
        told = _told(bench.judged(history, unit_sizes=sizes, min_group=5))
        _ask(not _mentions(told, unit), f"it mentions {unit}, of 4 persons, in what it says of others")


def persons(bench: Bench) -> None:
    """No id of a person is in anything that it says."""
    hidden = bench.changed(lambda _, frame: frame, pseudonymise="the contract of detectors")
    told = _told(bench.judged(hidden, unit_sizes=bench.history.unit_sizes()))
    columns = (("people", "person_id"), ("cases", "owner"), ("cases", "created_by"), ("events", "actor"))
    ids = pl.concat([getattr(hidden, table)[column] for table, column in columns]).drop_nulls().unique()
    for person in ids.to_list():
        _ask(person not in told, "it tells the id of a person; say it of units, or of nobody")


def deterministic(bench: Bench) -> None:
    """It is a value: asked again, or as a copy, it concludes the same, and it changes nothing it is given."""
    before = {name: getattr(bench.history, name).clone() for name in TABLES}
    _same(bench.judged(bench.history), bench.judgement, "asked twice it concludes two things")
    twin = attrs.evolve(bench, detector=copy.deepcopy(bench.detector))
    _same(twin.judged(bench.history), bench.judgement, "a copy of it concludes something else")
    context = bench.context(bench.history)
    tally = bench.detector.tally(bench.history)
    first = bench.detector.judge(tally, context)
    _same(bench.detector.judge(tally, context), first, "judge changes the tally that it is given")
    for name, frame in before.items():
        _ask(getattr(bench.history, name).equals(frame), f"it changes the table {name} of the history")


def schema(bench: Bench) -> None:
    """What it finds keeps the schema of reports and comes back from JSON as it was."""
    try:
        import jsonschema
    except ImportError as error:
        raise MissingExtraError("the check of the report's schema", "dev") from error
    judgement = bench.judgement
    for finding in judgement.findings:
        _ask(len(finding.cases) <= 20, f"a finding shows {len(finding.cases)} cases; 20 are enough")
        for measure in _measures(finding):
            _ask(
                math.isfinite(measure.value),
                f"{measure.name} is {measure.value}: no data is Undefined(reason)",
            )
            sure = measure.unit != "share" or (measure.low is not None and measure.high is not None)
            _ask(sure, f"{measure.name} is a share without its interval")
    report = Report(bench.history.as_of, judgement.findings, judgement.assessments)
    text = report.to_json()
    wanted = json.loads(
        resources.files("crmusage.report").joinpath("schema.json").read_text(encoding="utf-8")
    )
    for fault in jsonschema.Draft202012Validator(wanted).iter_errors(json.loads(text)):
        raise AssertionError(f"{'.'.join(str(part) for part in fault.absolute_path)}: {fault.message}")
    drawn = attrs.evolve(report, findings=[attrs.evolve(f, figures=()) for f in report.findings])
    _ask(Report.from_json(text) == drawn, "a report with its findings does not come back from JSON as it was")


def accounts(bench: Bench) -> None:
    """Everything that it looks at ends once, and what it finds is what it says it found."""
    judgement, code = bench.judgement, bench.detector.code
    _ended(judgement, "the history to check it with")
    for finding in judgement.findings:
        _ask(finding.code == code, f"a finding has the code {finding.code}, not {code}")
    for one in judgement.assessments:
        _ask(one.code == code, f"an assessment has the code {one.code}, not {code}")
    twice = [str(s.unit) for s, n in Counter(one.scope for one in judgement.assessments).items() if n > 1]
    _ask(not twice, f"more than one assessment for {', '.join(twice)}")
    found = {one.scope.unit for one in judgement.assessments if one.outcome is Outcome.FOUND}
    named = {finding.scope.unit for finding in judgement.findings}
    _ask(
        found == named,
        f"assessments say found for {found or 'nothing'}, findings are about {named or 'nothing'}",
    )
    told = {one.scope.unit for one in judgement.assessments}
    silent = sorted(set(bench.history.index.units) - told)
    whole = told == {None}
    _ask(whole or not silent, f"nothing is said of {', '.join(silent)}: clear, or not assessable and why?")


def finds(bench: Bench) -> None:
    """It finds something about a unit in the history that it is checked with."""
    found = [finding.scope.unit for finding in bench.judgement.findings]
    _ask(bool(found), "it finds nothing in the history that it is checked with: give one in which it does")


def _ask(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def _same(one: Judgement, other: Judgement, otherwise: str) -> None:
    _ask(one == other, otherwise)


def _blind(judgement: Judgement, what: str) -> None:
    _ended(judgement, what)
    _ask(not judgement.findings, f"it finds something in {what}")
    for one in judgement.assessments:
        _ask(one.outcome is Outcome.NOT_ASSESSABLE, f"it calls {what} {one.outcome}, not not_assessable")


def _ended(judgement: Judgement, what: str) -> None:
    _ask(isinstance(judgement, Judgement), f"{what}: judge gives {type(judgement).__name__}, not a Judgement")
    _ask(bool(judgement.assessments), f"{what}: it says nothing at all")
    for one in judgement.assessments:
        reasoned = one.outcome is not Outcome.NOT_ASSESSABLE or one.reason is not None
        _ask(reasoned, f"{what}: not assessable, and no reason")


def _texts(title: Text, about: Text, judgement: Judgement) -> Iterator[tuple[str, Text]]:
    yield "title", title
    yield "about", about
    for one in judgement.assessments:
        if one.reason is not None:
            yield "a reason", one.reason
    for finding in judgement.findings:
        yield "a finding's text", finding.text
        for what, text in (
            ("a finding's reasoning", finding.reasoning),
            ("a finding's title", finding.title),
        ):
            if text is not None:
                yield what, text
        yield from (("a proposal", proposal.text) for proposal in finding.proposals)
        yield from (("a figure's title", figure.title) for figure in finding.figures)


def _names(finding: Finding) -> Iterator[tuple[str, str, Text | None]]:
    for measure in _measures(finding):
        yield "the measure", measure.name, measure.label
    for bent in finding.distortions:
        yield "the company figure", bent.measure, bent.label


def _measures(finding: Finding) -> Iterator[Measure]:
    every: list[Any] = [finding.measure, *(evidence.measure for evidence in finding.evidence)]
    yield from (one for one in every if isinstance(one, Measure))


def _told(judgement: Judgement) -> str:
    """All that is said of findings, as JSON."""
    return json.dumps(Report(_SOME_TIME, judgement.findings).to_dict()["findings"], ensure_ascii=False)


def _mentions(told: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", told) is not None
