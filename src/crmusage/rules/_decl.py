"""Declare models as files (`.decl`, as RuM and Declare4Py read and write them)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from crmusage.errors import BookError, SourceError
from crmusage.rules._book import Rulebook
from crmusage.rules._rule import UsageRule

XES_NAMES: Mapping[str, str] = {"concept:name": "activity", "org:resource": "actor", "org:group": "unit"}
"""What models call attributes that a history reads from a log under names of its own."""


def read_decl(path: str | Path, *, kind: str | None = None, names: Mapping[str, str] = XES_NAMES) -> Rulebook:
    """Read a Declare model: each constraint becomes a rule, with an id made of what it says and its line.

    `A.` in a condition is the activation and `T.` the target: in Precedence[X, Y] and its kin the activation is Y. A
    window `0,2,d` is counted from activation to target, for templates on one activity from the creation of the case. A
    condition on Choice or Exclusive Choice holds for both activities. `is true` and `is false` compare truths unless
    the model declares other values of the attribute. Times, sets and names are read as Declare4Py reads them.

    Args:
        path: the file, in UTF-8.
        kind: the kind of cases that the model is about; None: every kind.
        names: attributes of the model, each with what the history calls it; by default those that a history
            reads from XES under another name.

    Raises:
        BookError: with every fault of every line, among them what no rule can say.
        SourceError: when the file cannot be read.
    """
    from crmusage.rules._decl_reading import read_model

    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: is not UTF-8 (byte {error.start + 1}): save it in that encoding"
        ) from error
    rules, faults = read_model(text, str(path), kind, names)
    if faults:
        raise BookError(faults)
    return Rulebook(rules)


def write_decl(
    book: Rulebook | Iterable[UsageRule], path: str | Path, *, names: Mapping[str, str] = XES_NAMES
) -> None:
    """Write the rules in force as a Declare model, one line an expectation.

    A model holds constraints over the events of one kind of case and nothing else: what the rules say of situations,
    owners, reviews and communication is left out; what would change their meaning is refused.

    Args:
        book: a rulebook (its active rules are written), or the rules to write.
        path: the file; written whole or not at all.
        names: as for `read_decl`; here the model's names are written for the history's.

    Raises:
        BookError: with everything that a model has no way to say: a scope, a cadence, a time zone, working time, …
        SourceError: when the file cannot be written.
    """
    from crmusage.rules._decl_writing import model_of
    from crmusage.rules._files import write_whole

    path = Path(path)
    rules = book.active if isinstance(book, Rulebook) else tuple(book)
    write_whole(path, model_of(rules, str(path), names))
