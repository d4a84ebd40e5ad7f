"""Objects and events of OCEL as the cases and events of a history: the caller says which objects are cases."""

from __future__ import annotations

import datetime as dt

import attrs
import polars as pl

from crmusage.errors import ContractError
from crmusage.history._admit import Raw
from crmusage.history._column import Unusable
from crmusage.history._contract import INSTANT, columns_of
from crmusage.history._door import Wishes
from crmusage.history._instants import instants
from crmusage.history._log import FREED, as_events, freed
from crmusage.history._ocel import ID, TIME, TYPE, Ocel
from crmusage.history._ocel_links import OF_TYPE, Chosen, joined, kinds_of, only, with_related
from crmusage.history._set_aside import Ledger
from crmusage.history._xes import TRACE, typed
from crmusage.model import SetAside, Text, Wording

EVENT_ID, QUALIFIER = "event_id", "qualifier"
OF_CASE = "case"
"""The qualifier with which an event tells its case where there is nothing more to tell."""
PERSON = "person"
"""Objects of this type are people, unless the caller takes them for cases."""

TOLD_BY_EVENTS = ("actor", "unit")
TOLD_BY_CASES = ("created_by", "owner", "unit", "parent_id", "account_id")
TOLD_BY_PEOPLE = ("unit", "manager")
"""Columns of the contract that hold ids: a qualifier called so says that the object is just that."""

SINCE_EVER = dt.datetime(1970, 1, 3, tzinfo=dt.UTC)
"""Before it, a time is the convention of OCEL for a value that was there from the start: 1970-01-01 at midnight on
some clock, so up to a day away from it in UTC."""


def as_tables(
    ocel: Ocel, where: str, wishes: Wishes, objects: Chosen
) -> tuple[list[Raw], Wishes, Ledger, tuple[Text, ...]]:
    """The tables of a history, as they are told to the door.

    Raises:
        ContractError: when the choice of objects is missing or names types that are not there.
    """
    return _Tables(ocel, where, wishes, objects).made()


class _Tables:
    def __init__(self, ocel: Ocel, where: str, wishes: Wishes, objects: Chosen) -> None:
        self.ocel, self.where, self.wishes = ocel, where, wishes
        self.ledger = Ledger()
        self.notes: list[Text] = []
        nameless = ocel.objects.filter(pl.col("id").is_null() | pl.col("type").is_null())
        self._aside("cases", "object without an id or a type", nameless, "id", "type", kept=False)
        known = ocel.objects.drop_nulls()
        self.types = known.unique("id", keep="first", maintain_order=True)
        again = known.filter(~pl.col("id").is_first_distinct())
        self._aside("cases", "same object more than once", again, "id", "type")
        self.kinds = kinds_of(self.types, objects, where)
        self.cases = self.types.filter(pl.col("type").is_in(list(self.kinds))).select(
            case_id="id", kind=pl.col("type").replace(self.kinds)
        )
        lost = ocel.related[TRACE].is_null()
        self._aside(
            "events",
            "relation of an event that is not there",
            ocel.related.filter(lost),
            "object",
            "qualifier",
        )
        related = ocel.related.filter(~lost)
        self.related = self._known("events", related, "object", ocel.events.select(TRACE, ID))
        self.linked = self._links()
        self.values = self._timed(ocel.values)

    def made(self) -> tuple[list[Raw], Wishes, Ledger, tuple[Text, ...]]:
        if self.ocel.repeated:
            self.ledger.put(
                SetAside("events", "events: attribute given twice", self.ocel.repeated, kept=True)
            )
        events = self._events()
        cases = self._cases(events)
        partial = "created_at" not in cases.columns
        events = pl.concat([events, self._changes(events)], how="diagonal_relaxed")
        mapping = self.wishes.mapping
        of_cases = {name: source for name, source in mapping.cases.items() if source in cases.columns}
        cases = cases.with_columns(pl.col(source).alias(name) for name, source in of_cases.items())
        # Persons that became the cases' stand there only: a second copy would escape a pseudonym.
        cases = cases.drop(
            {source for name, source in of_cases.items() if columns_of("cases")[name].person} - set(of_cases)
        )
        left = {name: source for name, source in mapping.cases.items() if source not in of_cases.values()}
        mapping = attrs.evolve(mapping, cases=left)
        zone = self.wishes.zone
        events = freed(events, "events", {"case_id", "activity", "at"}, zone)
        raws = [
            as_events(Raw("events", self.where, events, persons=_persons(events)), mapping),
            Raw(
                "cases",
                f"{self.where} (objects)",
                freed(cases, "cases", {"case_id", "kind"}, zone),
                partial=partial,
                persons=_persons(cases),
            ),
        ]
        people = self._people()
        if people is not None:
            raws.append(
                Raw("people", f"{self.where} (objects)", freed(people, "people", {"person_id"}, zone))
            )
        return raws, attrs.evolve(self.wishes, mapping=mapping), self.ledger, tuple(self.notes)

    def _aside(
        self, table: str, what: str, rows: pl.DataFrame, key: str, value: str, *, kept: bool = True
    ) -> None:
        """Count rows under a reason. Any object can be a person: who hides persons sees no id of one here."""
        if self.wishes.pseudonyms is not None:
            ids = {key, value} & {"id", "object", "target"}
            rows = rows.with_columns(pl.lit("(hidden)").alias(name) for name in ids)
        self.ledger.add(table, what, rows, key=key, value=value, kept=kept)

    # ---- what belongs to what

    def _known(self, table: str, links: pl.DataFrame, column: str, shown: pl.DataFrame) -> pl.DataFrame:
        """Links to objects that are there, with the type of each."""
        types = self.types.rename({"id": column})
        stray = links.join(types, on=column, how="anti")
        if stray.height:
            stray = (
                stray.join(shown, on=TRACE, how="left").rename({ID: "key"})
                if TRACE in stray.columns
                else stray
            )
            key = "key" if "key" in stray.columns else "object"
            self._aside(table, "related to an object that is not there", stray, key, column)
        return links.join(types, on=column, how="inner", maintain_order="left")

    def _links(self) -> pl.DataFrame:
        links = self._known("cases", self.ocel.linked, "target", self.ocel.events.select(TRACE, ID))
        return links.join(
            self.types.rename({"id": "object", "type": "from"}),
            on="object",
            how="inner",
            maintain_order="left",
        )

    def _timed(self, values: pl.DataFrame) -> pl.DataFrame:
        """Values with the instant since when they hold; missing: since ever."""
        try:
            cells = instants(values["time"], self.wishes.zone)
        except Unusable as unusable:
            raise ContractError(f"{self.where}: times of attributes of objects: {unusable}") from None
        for what, mask in cells.bad.items():
            self._aside("cases", f"{what} time of a value", values.filter(mask), "object", "time")
        at = cells.values.alias("at")
        return (
            values.with_columns(at)
            .with_columns(at=pl.when(pl.col("at") >= SINCE_EVER).then("at"))
            .drop_nulls(["object", "name", "value"])
            .drop("time")
        )

    # ---- events

    def _events(self) -> pl.DataFrame:
        """One row for each event and case that it concerns."""
        case = self.cases.select(object="case_id")
        concerned = self.related.join(case, on="object", how="semi")
        rows = concerned.group_by(TRACE, "object", maintain_order=True).agg(
            joined("qualifier").alias(QUALIFIER)
        )
        if rows[QUALIFIER].is_in(["", OF_CASE]).all():
            rows = rows.drop(QUALIFIER)
        every = self.ocel.events
        events = _without(every.drop(ID, TYPE, TIME), {"case_id", "activity", "at", EVENT_ID, QUALIFIER})
        events = events.with_columns(
            every[ID].alias(EVENT_ID), every[TYPE].alias("activity"), every[TIME].alias("at")
        )
        events = rows.rename({"object": "case_id"}).join(events, on=TRACE, how="left", maintain_order="left")
        events = with_related(events, TRACE, self._others(), TOLD_BY_EVENTS)
        self._tell(every.height, rows)
        first = ["case_id", "activity", "at"]
        return events.drop(TRACE).select(*first, pl.exclude(first))

    def _others(self) -> pl.DataFrame:
        """What events have to do with besides cases, each of which is a row of its own; or with cases by a column."""
        exact = pl.col("qualifier").is_in(TOLD_BY_EVENTS).fill_null(False)
        return self.related.filter(exact | ~pl.col("type").is_in(list(self.kinds)))

    def _tell(self, n_events: int, rows: pl.DataFrame) -> None:
        concerned = rows[TRACE].n_unique()
        shared = rows.height - concerned
        spoken = ", ".join(sorted(self.kinds))
        en, fr = Wording("en"), Wording("fr")
        if n_events > concerned:
            left = n_events - concerned
            self.notes.append(
                Text(
                    en=f"{en.count(left, 'event')} {en.agree(left, 'concerns', 'concern')} no object of the chosen "
                    f"types ({spoken}) and {en.agree(left, 'is', 'are')} not in the history.",
                    fr=f"{fr.count(left, 'event')} ne {fr.agree(left, 'concerne', 'concernent')} aucun objet des types "
                    f"choisis ({spoken}) et ne {fr.agree(left, 'figure', 'figurent')} pas dans l'historique.",
                )
            )
        if shared:
            self.notes.append(
                Text(
                    en=f"Events that concern several objects of the chosen types ({spoken}) count in the case of "
                    f"each: {concerned} events became {rows.height} rows.",
                    fr=f"Les événements qui concernent plusieurs objets des types choisis ({spoken}) comptent dans "
                    f"le dossier de chacun : {concerned} événements ont donné {rows.height} lignes.",
                )
            )

    def _changes(self, events: pl.DataFrame) -> pl.DataFrame:
        """A value that follows another, or comes after its case began, is an event."""
        if not self.values["at"].count():
            return events.clear()
        values = self._of_cases().join(self._begun(events), on="case_id", how="left", maintain_order="left")
        before = pl.col("value").shift(1).over("case_id", "name")
        later = pl.col("begun").is_null() | (pl.col("at") > pl.col("begun"))
        changes = values.with_columns(old=before).filter(
            pl.col("at").is_not_null()
            & pl.when(pl.col("old").is_null()).then(later).otherwise(pl.col("old") != pl.col("value"))
        )
        at = pl.col("at").dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
        return changes.select(
            "case_id", pl.lit("updated").alias("activity"), at, field="name", old="old", new="value"
        )

    def _begun(self, events: pl.DataFrame) -> pl.DataFrame:
        """When the first event of each case was, if that can be read here."""
        try:
            at = instants(events["at"], self.wishes.zone).values
        except Unusable:
            at = pl.Series([None], dtype=INSTANT).new_from_index(0, events.height)
        return events.select("case_id").with_columns(begun=at).group_by("case_id").agg(pl.col("begun").min())

    # ---- cases

    def _of_cases(self) -> pl.DataFrame:
        """The values of the cases' attributes, each in the order of time."""
        values = self.values.join(self.cases.select(object="case_id"), on="object", how="semi")
        return values.sort("object", "name", "at", nulls_last=False, maintain_order=True).rename(
            {"object": "case_id"}
        )

    def _cases(self, events: pl.DataFrame) -> pl.DataFrame:
        cases = self._with_values(self.cases, "case_id", self._of_cases(), {"kind"})
        links = self.linked.rename({"object": "case_id", "target": "object"})
        # A qualifier that is a column says it all in one direction: a parent need not list its children again.
        loose = self.linked.filter(~pl.col("qualifier").is_in(TOLD_BY_CASES).fill_null(False))
        back = loose.select(case_id="target", object="object", qualifier=pl.lit(None, pl.String), type="from")
        both = pl.concat([links.select(back.columns), back])
        cases = with_related(cases, "case_id", both, TOLD_BY_CASES)
        if "parent_id" not in cases.columns:
            above = links.filter(
                pl.col("from").is_in(list(self.kinds)) & pl.col("type").is_in(list(self.kinds))
            )
            above = above.group_by(pl.col("object").alias("case_id")).agg(parent_id=only("case_id"))
            if above["parent_id"].count():
                cases = cases.join(above, on="case_id", how="left", maintain_order="left")
        if "created_at" in cases.columns and cases["created_at"].null_count():
            begun = cases.join(self._begun(events), on="case_id", how="left", maintain_order="left")["begun"]
            told = cases["created_at"]
            if told.dtype == pl.String:
                begun = begun.dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
            cases = cases.with_columns(told.zip_with(told.is_not_null(), begun))
        return cases

    def _people(self) -> pl.DataFrame | None:
        """Objects that are persons and of whom more than their id is told."""
        if PERSON in self.kinds:
            return None
        people = self.types.filter(pl.col("type") == PERSON).select(person_id="id")
        values = self.values.join(people.select(object="person_id"), on="object", how="semi")
        values = values.sort("object", "name", "at", nulls_last=False, maintain_order=True)
        told = self._with_values(people, "person_id", values.rename({"object": "person_id"}), set())
        links = self.linked.filter(pl.col("qualifier").is_in(TOLD_BY_PEOPLE)).rename(
            {"object": "person_id", "target": "object"}
        )
        told = with_related(told, "person_id", links, TOLD_BY_PEOPLE)
        rest = [name for name in told.columns if name != "person_id"]
        told = (
            told.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in rest))
            if rest
            else told.clear()
        )
        return told if told.height else None

    def _with_values(
        self, frame: pl.DataFrame, key: str, values: pl.DataFrame, taken: set[str]
    ) -> pl.DataFrame:
        """A column for each attribute, with its last value by the instant of the look."""
        if self.wishes.as_of is not None:
            values = values.filter(pl.col("at").is_null() | (pl.col("at") <= self.wishes.as_of))
        last = values.unique([key, "name"], keep="last", maintain_order=True)
        if not last.height:
            return frame
        wide = last.pivot("name", index=key, values="value", aggregate_function="first")
        names = [name for name in wide.columns if name != key]
        columns = [typed(wide[name], self.ocel.tags.get(name, "string"), self.wishes.zone) for name in names]
        wide = _without(wide.with_columns(columns), taken)
        return frame.join(wide, on=key, how="left", maintain_order="left")


def _persons(frame: pl.DataFrame) -> frozenset[str]:
    """The attribute that holds ids of persons, if it is there."""
    return frozenset({f"{OF_TYPE}{PERSON}"}) & frozenset(frame.columns)


def _without(frame: pl.DataFrame, taken: set[str]) -> pl.DataFrame:
    """Attributes that are called like something that is told otherwise get another name."""
    return frame.rename({name: f"{name}{FREED}" for name in frame.columns if name in taken})
