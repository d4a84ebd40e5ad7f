"""Make the pages on the templates, with their pictures, from templates.toml.

python docs/make_templates.py            write docs/reference/templates.md, docs/reference/templates/*.md and
                                         docs/images/templates/*.svg
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

DOCS = Path(__file__).parent

VERDICTS = {"+": "fulfilled", "-": "violated", "?": "pending", "~": "tied"}
ROWS = ("kept", "broken", "pending", "tied")
_COLOURS = {"fulfilled": "#2e7d32", "violated": "#c62828", "pending": "#757575", "tied": "#b26a00"}
_SIGNS = {"fulfilled": "✓", "violated": "✗", "pending": "?", "tied": "~"}

LANGUAGE = """\
`a` stands for an event that fits `activity` and `where`, `b` for one that fits `target` and `target_where`, is correlated with
the activation and in its window. `X f`, `Y f`: there is a next event (one before) and f holds there. `F f`, `G f`: f holds at
some (every) event from here on; `O f`, `H f`: at some (every) one up to here. `f U g`: g holds at some event from here on and f
until then; `f S g`: g held at some event up to here and f ever since."""

INTRODUCTION = """\
# Templates

A rule's expectation is one of DECLARE's templates. The meaning of each is its formula on finite traces: a case that has ended,
its events one after the other.

Four things hold for all of them:

- `activity` is what activates the rule, and each activation gets its verdict: fulfilled, violated, pending or tied. Where DECLARE
  writes precedence(b, a), this is `activity = "a"`, `target = "b"`. Templates about the case as a whole (existence, absence,
  exactly, init, end, choice, exclusive_choice) have one activation a case.
- A target is another event than its activation, also where both are the same activity.
- An open case has not ended. What can still change is pending. A window that has passed settles it; an event exactly at the
  deadline is in time. A case without events begins and ends with nothing: it keeps neither init nor end.
- Events at one instant, without a known order, are a tie. An activation that one order keeps and another breaks is tied,
  and no verdict depends on the order of rows.

Windows (`after`, `within`) are counted from the activation, ahead or back as the template looks; for templates about the case as
a whole, from its creation. Several rules can be held against each other with `crmusage rules lint`.
"""

OTHERS = """\
## Where others read them differently

The formulas were compared, trace by trace, with the published formulas and patterns of MINERful; the tests list each difference
with the shortest trace that shows it. The choices behind ours:

| trace | template | others | here |
| --- | --- | --- | --- |
| (no event) | end | kept, as "every event is followed by an a, or is one" holds of no event | broken: it does not end with anything |
| `a` | absence(2) | broken, where "next" asks that there be a next event | kept: nothing follows, so no second one does |
| `b` | not_succession | broken, likewise | kept |
| `ab` | not_succession, not_chain_succession | kept, where they are stated for the other order | broken: no b after (right after) an a |
| `aba` | not_succession as "not precedence" | kept, where only a past of nothing but b counts | broken: one b before is enough |
| `aba` | not_succession | kept, where it is computed as "not a succession" (the last a has no b after it) | broken: a b comes after an a |
| `aab` | not_chain_succession | kept, likewise | broken: a b comes right after an a |
| `a` | response(a, a) | kept, where an event may answer itself | broken: no other a comes after it |
"""


@attrs.frozen
class Event:
    """An event of a small case."""

    activity: str
    verdict: str | None
    """On the event as an activation; None: it is none."""
    instant: int
    """Events with the same one are in no known order."""


@attrs.frozen
class Case:
    """A small case, with the verdicts that it shows."""

    events: tuple[Event, ...]
    verdict: str | None
    """On the case as a whole; None: its events are what is judged."""
    is_open: bool


@attrs.frozen
class Page:
    """What there is to say of a template."""

    name: str
    title: str
    formula: str
    formula_2: str | None
    en: str
    fr: str
    cases: Mapping[str, Case]
    open: str
    ties: str
    example: str


def pages() -> list[Page]:
    """What templates.toml says, in its order."""
    found = []
    for name, table in tomllib.loads((DOCS / "templates.toml").read_text(encoding="utf-8")).items():
        cases = {row: parsed(table[row]) for row in ROWS if table[row]}
        rest = {
            key: table[key].strip() for key in ("title", "formula", "en", "fr", "open", "ties", "example")
        }
        found.append(Page(name, formula_2=table.get("formula_2"), cases=cases, **rest))
    return found


def parsed(text: str) -> Case:
    """A case from its text: `c [a~ b] …`."""
    events: list[Event] = []
    verdict = None
    instant, together, is_open = -1, False, False
    for sign, bracket, activity, mark, closing in re.findall(
        r"(=[+\-?~]|…)|(\[?)([a-z])([+\-?~]?)(\]?)", text
    ):
        if sign == "…":
            is_open = True
        elif sign:
            verdict = VERDICTS[sign[1]]
        else:
            instant += not together
            together = bool(bracket) or (together and not closing)
            events.append(Event(activity, VERDICTS.get(mark), instant))
    return Case(tuple(events), verdict, is_open)


# --- pages


def page(of: Page) -> str:
    """The Markdown of a page."""
    return "\n".join(_page(of)) + "\n"


def _page(of: Page) -> Iterator[str]:
    yield f"# {of.title}\n"
    yield f"{of.en}\n"
    yield f"*{of.fr}*\n"
    yield f"```text\n{of.formula}\n```\n"
    if of.formula_2 is not None:
        yield f"That is for `n = 1`; for `n = 2` it is `{of.formula_2}`, and so on.\n"
    yield f"{LANGUAGE}\n"
    yield f"![Small cases of {of.title}: {', '.join(of.cases)}](../../images/templates/{of.name}.svg)\n"
    yield "| | case | verdict |\n| --- | --- | --- |"
    for row, case in of.cases.items():
        yield f"| {row} | {_said(case)} | {_verdicts(case)} |"
    yield f"\n**Open cases.** {of.open}\n"
    yield f"**Ties.** {of.ties}\n"
    yield f"## An example\n\n```toml\n{of.example}\n```\n"
    yield "[All templates](../templates.md)"


def _said(case: Case) -> str:
    words = []
    for instant in dict.fromkeys(event.instant for event in case.events):
        names = [event.activity for event in case.events if event.instant == instant]
        words.append(names[0] if len(names) == 1 else f"{' and '.join(names)} at one instant")
    said = ", ".join(words) or "no event"
    return f"{said}, still open" if case.is_open else said


def _verdicts(case: Case) -> str:
    if case.verdict is not None:
        return f"the case: {case.verdict}"
    found: dict[str, int] = {}
    told = []
    for event in case.events:
        found[event.activity] = found.get(event.activity, 0) + 1
        if event.verdict is not None:
            several = sum(other.activity == event.activity for other in case.events) > 1
            which = f"{event.activity} ({_ORDINALS[found[event.activity]]})" if several else event.activity
            told.append(f"{which}: {event.verdict}")
    return ", ".join(told)


_ORDINALS = {1: "first", 2: "second", 3: "third"}


def index(of: list[Page]) -> str:
    """The page that leads to the others."""
    lines = [
        f"| [{one.title}](templates/{one.name}.md) | {one.en.split('. ')[0].rstrip('.')} | `{one.formula}` |"
        for one in of
    ]
    table = "\n".join(line.replace(" | F(b)", " \\| F(b)").replace(" | Y(O", " \\| Y(O") for line in lines)
    return f"{INTRODUCTION}\n| template | in words | formula |\n| --- | --- | --- |\n{table}\n\n{LANGUAGE}\n\n{OTHERS}"


# --- pictures

_ROW, _STEP, _RADIUS, _LEFT = 58, 54, 16, 104


_SVG = 'xmlns="http://www.w3.org/2000/svg" role="img" font-family="sans-serif" font-size="15"'


def picture(of: Page) -> str:
    """The SVG of a page: a row a case, an event a circle, coloured where it is judged."""
    longest = max(1 + max((event.instant for event in case.events), default=0) for case in of.cases.values())
    width = _LEFT + _STEP * longest + 84
    height = _ROW * len(of.cases) + 12
    label = f"Small cases of {of.title}: {', '.join(of.cases)}"
    lines = [
        f'<svg {_SVG} viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-label="{label}">',
        f"<title>{label}</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff" stroke="#d0d0d0"/>',
    ]
    for place, (row, case) in enumerate(of.cases.items()):
        lines += _drawn(row, case, 6 + _ROW * place + _ROW // 2)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _drawn(row: str, case: Case, y: int) -> Iterator[str]:
    yield f'<text x="14" y="{y + 5}" fill="#333333">{row}</text>'
    instants = list(dict.fromkeys(event.instant for event in case.events))
    end = _LEFT + _STEP * len(instants)
    yield f'<line x1="{_LEFT - 22}" y1="{y}" x2="{end}" y2="{y}" stroke="#9e9e9e" stroke-width="2"/>'
    if case.is_open:
        dashes = 'stroke="#9e9e9e" stroke-width="2" stroke-dasharray="4 5"'
        yield f'<line x1="{end}" y1="{y}" x2="{end + 34}" y2="{y}" {dashes}/>'
    else:
        yield f'<line x1="{end}" y1="{y - 9}" x2="{end}" y2="{y + 9}" stroke="#9e9e9e" stroke-width="2"/>'
    for place, instant in enumerate(instants):
        together = [event for event in case.events if event.instant == instant]
        x = _LEFT + 6 + _STEP * place
        if len(together) > 1:
            side = 'fill="#ffffff" stroke="#b26a00" stroke-dasharray="3 3"'
            yield f'<rect x="{x - 20}" y="{y - 27}" width="40" height="54" rx="12" {side}/>'
        for k, event in enumerate(together):
            small = len(together) > 1
            yield from _circle(event, x, y + (26 * k - 13 if small else 0), 11 if small else _RADIUS)
    if case.verdict is not None:
        colour, sign = _COLOURS[case.verdict], _SIGNS[case.verdict]
        x = end + (52 if case.is_open else 28)
        yield f'<rect x="{x - 14}" y="{y - 14}" width="28" height="28" rx="6" fill="{colour}"/>'
        yield f'<text x="{x}" y="{y + 5}" fill="#ffffff" text-anchor="middle" font-weight="bold">{sign}</text>'


def _circle(event: Event, x: int, y: int, radius: int) -> Iterator[str]:
    fill = "#ffffff" if event.verdict is None else _COLOURS[event.verdict]
    ink = "#333333" if event.verdict is None else "#ffffff"
    sign = "" if event.verdict is None else _SIGNS[event.verdict]
    yield f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="#616161"/>'
    size = "" if radius == _RADIUS else ' font-size="12"'
    yield f'<text x="{x}" y="{y + 5}" fill="{ink}" text-anchor="middle"{size}>{event.activity}{sign}</text>'


# --- files


def files() -> dict[Path, str]:
    """Everything that is made, by its place under docs/."""
    of = pages()
    made = {Path("reference/templates.md"): index(of)}
    for one in of:
        made[Path("reference/templates") / f"{one.name}.md"] = page(one)
        made[Path("images/templates") / f"{one.name}.svg"] = picture(one)
    return made


def main() -> int:
    """Write the files."""
    for path, text in files().items():
        target = DOCS / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
