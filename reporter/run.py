"""The run folder: written whole or not at all, and read back.

It is the only hand-over: report, comparison and assistant read its files, never the readings.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reporter.errors import DataError, UsageError
from reporter.events.realised import realised_rows
from reporter.facts import SCHEMA_VERSION, Comparison, Facts, InputFile
from reporter.facts.rounding import rounded
from reporter.place import read_manifest
from reporter.profiles import HOURS, Float, Profiles
from reporter.segments import (
    Choice,
    ClassSegments,
    Segmentation,
    SegmentLabel,
    ShapeSpace,
    Within,
    apply,
    class_key,
    side_by_side,
    slug,
)
from reporter.segments.cells import WEEK
from reporter.settings import Normalise
from reporter.technology import Technology

if TYPE_CHECKING:
    from reporter.money.bills import MonthBills
    from reporter.readings import Readings
    from reporter.readings.audit import Audit
    from reporter.targets import Targeting

FACTS = "facts.json"
"""In the manifest of every folder that we write, so that --force replaces no other."""
CUSTOMERS = "customers.parquet"
AUDIT = "audit.parquet"
PROFILES = "profiles.parquet"
HISTORY = "history.parquet"
OUTAGES = "outages.parquet"
SEGMENTATION = "segmentation.json"
TARGETS = "targets.csv"
COMPARISON = "comparison.json"
MIGRATIONS = "migrations.parquet"
EMERGING = "emerging.csv"
PLANT = "vpp.csv"
REALISED = "realised_programs.toml"
FIGURES = "figures"
HTML = "report.html"
PDF = "report.pdf"
SUMMARY = "summary.pdf"
WORKBOOK = "targets.xlsx"
CLASS = "segment_class"
"""Column of customers and profiles where segments were made by class: the customer's own."""
RENDERED = {"html": HTML, "pdf": PDF, "summary": SUMMARY, "xlsx": WORKBOOK}
"""Format in the settings → file."""

Model = TypeVar("Model", bound=BaseModel)

_ROW_GROUP = 50_000
"""Rows of a Parquet file that are read together: one customer of a million is found by its id in a twentieth of the file."""

_FORMULA = re.compile(r"['\s]*[=+@-]|['\s]*[\t\r\n]")


class SavedClass(BaseModel):
    """A class of customers, or several small ones together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="in words")
    values: list[str] = Field(description="as the customer file has them; empty text: it says nothing")
    segments: list[int] = Field(description="places of its segments, from 0")


class SavedWithin(BaseModel):
    """Segments that were made class by class."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = Field(description="of the customer file")
    classes: list[SavedClass]


class SavedSegmentation(BaseModel):
    """``segmentation.json``: what it takes to put new customers into these segments."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: str
    normalise: Normalise = Field(description="how a profile becomes a shape")
    smoothing_hours: float = Field(0.0, ge=0, description="width of the smoothed copy beside each shape [h]")
    focus: tuple[int, int] = Field((17, 21), description="hours that weigh more, [first, last)")
    focus_weight: float = Field(0.0, ge=0, description="weight of the mean over the focus hours")
    kinds: tuple[str, ...] = Field(
        ("profile",),
        description="kinds of days side by side, by the names of their columns in profiles.parquet",
    )
    segments: list[dict[str, str]] = Field(
        description="segment_id, label, title, evidence, in canonical order"
    )
    centroids: list[list[float]] = Field(description="one a segment, in shape space")
    retired: list[str] = Field(
        default_factory=list,
        description="ids of segments of earlier periods that are gone, and are not given again",
    )

    band_hours: int = Field(
        0, ge=0, description="hours that a habit may be shifted (dynamic time warping); 0: Euclidean distance"
    )

    within: SavedWithin | None = Field(None, description="the classes that segments were made in, if any")

    def apply(self, profiles: pd.DataFrame) -> Any:
        """(n,) index into ``segments`` of the customers of a profile table [kW].

        A kind of days that the table has not (a season that its period did not see) comes from the customers' mean day. Where segments were
        made by class, the table's ``segment_class`` says a customer's; one of a class without segments gets the nearest of any class.
        """
        labels = [SegmentLabel(**segment) for segment in self.segments]
        frozen = Choice(len(labels), "frozen", [], None, None, "")
        centroids = np.array(self.centroids, dtype="float32")
        space = ShapeSpace(
            self.normalise, self.smoothing_hours, self.focus, self.focus_weight, self.kinds, self.band_hours
        )
        day = profile_array(profiles)
        rows = [profile_array(profiles, kind) if f"{kind}_00" in profiles else day for kind in self.kinds]
        segmentation = Segmentation(labels, np.zeros(0, dtype="int32"), centroids, space, frozen)
        if self.within is None:
            return apply(segmentation, side_by_side(rows, day))
        # An empty cell is a class as the customer file has it; without the column nobody's is known.
        classes = (
            profiles[CLASS].fillna("").to_numpy(dtype=object)
            if CLASS in profiles
            else np.full(len(profiles), None, dtype=object)
        )
        made = tuple(
            ClassSegments(one.name, tuple(one.values), tuple(one.segments), 0, frozen)
            for one in self.within.classes
        )
        segmentation = replace(segmentation, within=Within(self.within.column, classes, made))
        return apply(segmentation, side_by_side(rows, day), classes)


@dataclass(frozen=True)
class Run:
    """A run folder, read back."""

    folder: Path
    facts: Facts
    segmentation: SavedSegmentation

    @property
    def shapes(self) -> dict[str, list[float] | None]:
        """Mean shape of each segment by its id; None for the ids of segments that are gone."""
        return {
            **{segment.segment_id: segment.shape for segment in self.facts.segments},
            **dict.fromkeys(self.segmentation.retired),
        }

    @property
    def classes(self) -> dict[str, str | None]:
        """Class of each segment by its id, as ``class_key`` writes it; None where segments were not made by class."""
        column = self.facts.within.column if self.facts.within else None
        return {s.segment_id: class_key(column, s.class_name) for s in self.facts.segments}

    @property
    def customers(self) -> pd.DataFrame:
        """One row a customer that was read."""
        return _read_parquet(self.folder / CUSTOMERS)

    def rows_of(self, name: str, customer_id: str) -> list[dict[str, Any]] | None:
        """A customer's rows of a Parquet file of the run; None where the run has no such file."""
        path = self.folder / name
        if not path.is_file():
            return None
        frame = _read_parquet(path, filters=[("customer_id", "=", customer_id)])
        return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]

    @property
    def targets(self) -> pd.DataFrame:
        """The ranked list: ``target_id`` (the customer), ``group`` and ``program``."""
        return self.target_list(("customer_id", "group", "program")).rename(
            columns={"customer_id": "target_id"}
        )

    def target_list(self, columns: tuple[str, ...] | None = None) -> pd.DataFrame:
        """``targets.csv`` as text, every id as it is; all of its columns, or some."""
        path = self.folder / TARGETS
        try:
            table = pd.read_csv(
                path, dtype="str", keep_default_na=False, usecols=list(columns) if columns else None
            )
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: can't be read; run `reporter generate` again.") from error
        return pd.DataFrame({name: table[name].map(_with_formula) for name in table.columns})

    @property
    def profiles(self) -> pd.DataFrame:
        """One row a customer used."""
        return _read_parquet(self.folder / PROFILES)

    def customer_columns(self, names: Iterable[str]) -> pd.DataFrame:
        """``customers`` with these columns only, as far as there are such: a million rows of all of them take gigabytes."""
        wanted = set(names)
        return _read_parquet(self.folder / CUSTOMERS, columns=_there(self.folder / CUSTOMERS, wanted))

    def profile_columns(self, kinds: Iterable[str]) -> pd.DataFrame:
        """``profiles`` with these kinds of days only, as far as there are such."""
        wanted = {
            "customer_id",
            "segment_id",
            CLASS,
            *(f"{kind}_{hour:02d}" for kind in kinds for hour in range(HOURS)),
        }
        return _read_parquet(self.folder / PROFILES, columns=_there(self.folder / PROFILES, wanted))


def read_run(folder: Path) -> Run:
    """A run folder.

    Raises:
        UsageError: no run folder.
        DataError: a file in it is missing, broken or of another schema.
    """
    if not (folder / FACTS).is_file():
        raise UsageError(
            f"{folder}: no run folder (it has no {FACTS}); give the folder that `reporter generate --out` wrote."
        )
    if read_manifest(folder).get("audience") == "external":
        raise UsageError(
            f"{folder}: a report for others (--audience external), which holds no customers; give the folder of the utility's own run."
        )
    facts = read_facts(folder)
    return Run(folder, facts, _read_model(folder / SEGMENTATION, SavedSegmentation))


def read_facts(folder: Path) -> Facts:
    """The facts of a run folder, also of one for others.

    Raises:
        DataError: its file is missing, broken or of another schema.
    """
    return _read_model(folder / FACTS, Facts)


def no_profiles() -> pd.DataFrame:
    """``profiles.parquet`` of a run without customers: what the figures of a report for others are drawn from."""
    columns = ["customer_id", "segment_id", *(f"profile_{hour:02d}" for hour in range(HOURS))]
    return pd.DataFrame(
        {name: pd.Series(dtype="str" if name.endswith("_id") else "float32") for name in columns}
    )


def read_comparison(folder: Path) -> Comparison:
    """The comparison in a folder that ``reporter compare`` wrote.

    Raises:
        DataError: its file is missing, broken or of another schema.
    """
    return _read_model(folder / COMPARISON, Comparison)


def write_results(
    folder: Path,
    facts: Facts,
    readings: "Readings",
    profiles: Profiles,
    technology: Technology,
    segmentation: Segmentation,
    targeting: "Targeting",
    beside: Mapping[str, pd.DataFrame],
    bills: "MonthBills | None" = None,
) -> None:
    """All files of a run but report, figures and manifest.

    ``beside`` are tables of the optional files, by the name that they get here: those rows whose customers were read.
    """
    write_json(folder / FACTS, facts.model_dump(mode="json"))
    customers = customer_table(readings.audit, profiles, technology, segmentation, targeting, bills)
    if readings.checked is not None:
        write_table(readings.checked.affected, folder / AUDIT)
    write_table(customers, folder / CUSTOMERS)
    write_table(profile_table(profiles, segmentation), folder / PROFILES)
    saved = SavedSegmentation(
        schema_version=SCHEMA_VERSION,
        **asdict(segmentation.space),
        segments=[vars(label) for label in segmentation.labels],
        # float32 comes back exactly from nine significant digits.
        centroids=[[float(f"{value:.9g}") for value in row] for row in segmentation.centroids.tolist()],
        retired=segmentation.retired,
        within=_saved_within(segmentation),
    )
    write_json(folder / SEGMENTATION, saved.model_dump())
    write_list(targeting.list_frame(), folder / TARGETS)
    for name, frame in beside.items():
        known = frame["customer_id"].isin(readings.audit.customers["customer_id"])
        write_table(frame[known].reset_index(drop=True), folder / name)


def _saved_within(segmentation: Segmentation) -> SavedWithin | None:
    within = segmentation.within
    if within is None:
        return None
    classes = [
        SavedClass(name=c.name, values=list(c.values), segments=list(c.places)) for c in within.classes
    ]
    return SavedWithin(column=within.column, classes=classes)


def write_realised(folder: Path, facts: Facts) -> None:
    """What the utility's own events did, as rows for its catalogue, where there is something to offer."""
    rows = realised_rows(facts.events, facts.period.label) if facts.events is not None else None
    if rows is not None:
        (folder / REALISED).write_text(rows, encoding="utf-8")


def write_plant(folder: Path, facts: Facts) -> None:
    """What the offers can bid hour by hour, where there are offers."""
    plant = facts.targets.plant
    if plant is None:
        return
    rows = [
        {
            "program": row.program or "all",
            "segment_id": row.segment_id or "all",
            "enrolments": row.enrolments,
            "hour": hour,
            "kind": kind,
            **dict(zip(("expected_kw", "p50_kw", "p90_kw"), values, strict=True)),
        }
        for row in (plant.total, *plant.rows)
        for hour, kind, values in (
            *(
                (
                    entry.hour,
                    # A peak hour beside the event that is bid: an event may be moved there, not be made longer.
                    "event" if plant.bids(entry.hour) else "peak",
                    (entry.expected_kw, entry.p50_kw, entry.p90_kw),
                )
                for entry in row.hours
            ),
            # What comes back is more load: below zero, and known as an expectation only.
            *((entry.hour, "rebound", (-entry.kw, None, None)) for entry in row.rebound),
        )
    ]
    write_list(pd.DataFrame(rows), folder / PLANT)


def customer_table(
    audit: "Audit",
    profiles: Profiles,
    technology: Technology,
    segmentation: Segmentation,
    targeting: "Targeting",
    bills: "MonthBills | None" = None,
) -> pd.DataFrame:
    """One row a customer that was read, with the reason where it was left out."""
    used = profiles.frame().drop(columns=["days", "import_kwh", "export_kwh", "peak_kw"])
    used = pd.concat([used, technology.frame()], axis=1)
    used.insert(1, "segment_id", [segmentation.labels[i].segment_id for i in segmentation.assignment])
    used.insert(2, "segment_label", [segmentation.labels[i].label for i in segmentation.assignment])
    if segmentation.within is not None:
        used.insert(3, CLASS, _classes(segmentation.within))
    used = used.assign(**_of_customers(segmentation, len(used)))
    unknown = np.full(len(used), np.nan)
    used["bill_month_now"] = unknown if bills is None else bills.now
    used["bill_month_then"] = unknown if bills is None or bills.then is None else bills.then
    read = audit.customers.drop(columns=["valid", "has_duplicates"]).rename(
        columns={"minutes": "interval_minutes"}
    )
    table = read.merge(used, on="customer_id", how="left").merge(
        targeting.frame(), on="customer_id", how="left"
    )
    return table.assign(
        not_target_reason=table["not_target_reason"].where(table["exclusion_reason"].isna(), "left-out"),
    )


def _of_customers(segmentation: Segmentation, n: int) -> dict[str, Any]:
    """What the segmentation says of single customers: who is odd, and how predictable the days are (null where not asked)."""
    diagnostics = segmentation.diagnostics
    entropy, usual = (np.full(n, np.nan, dtype="float32") for _ in range(2))
    if diagnostics is not None and diagnostics.typical_days is not None:
        encoding = diagnostics.typical_days.encoding
        entropy[encoding.rows] = encoding.entropy
        usual[encoding.rows] = encoding.shares.max(axis=1)
    reason = np.full(n, None, dtype=object)
    if diagnostics is not None and len(diagnostics.odd):
        reason[diagnostics.odd_size] = "size-unlike-others"
        reason[diagnostics.odd] = "shape-unlike-others"
    return {"odd_reason": pd.array(reason, dtype="string"), "day_entropy": entropy, "usual_day_share": usual}


def profile_table(profiles: Profiles, segmentation: Segmentation) -> pd.DataFrame:
    """One row a customer used: its profile over all days, weekdays and weekends, and by season, by local hour [kW]."""
    columns: dict[str, Any] = {
        "customer_id": profiles.customer_id,
        "segment_id": [segmentation.labels[i].segment_id for i in segmentation.assignment],
    }
    kinds = {"profile": profiles.profile_kw, "weekday": profiles.weekday_kw, "weekend": profiles.weekend_kw}
    for season in profiles.seasons:
        kinds[f"{slug(season.name)}_weekday"] = season.weekday_kw
        kinds[f"{slug(season.name)}_weekend"] = season.weekend_kw
    if profiles.week_kw is not None:
        kinds |= {name: profiles.week_kw[:, day] for day, name in enumerate(WEEK)}
    if segmentation.within is not None:
        columns[CLASS] = _classes(segmentation.within)
    for name, values in kinds.items():
        columns |= {f"{name}_{hour:02d}": values[:, hour] for hour in range(HOURS)}
    return pd.DataFrame(columns)


def _classes(within: Within) -> Any:
    """(n,) class of each customer; null where the customer file says nothing."""
    return pd.array([value or None for value in within.of.tolist()], dtype="string")


def profile_array(table: pd.DataFrame, kind: str = "profile") -> Float:
    """(n, 24) loads of a profile table [kW]; kind: profile, weekday, weekend, or another of ``profile_table``."""
    return table[[f"{kind}_{hour:02d}" for hour in range(HOURS)]].to_numpy(dtype="float32")


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """A Parquet file with the same bytes for the same rows."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", row_group_size=_ROW_GROUP)


def write_list(frame: pd.DataFrame, path: Path) -> None:
    """A CSV file of customers for people: numbers rounded, texts that no spreadsheet takes for a formula."""
    columns: dict[str, Any] = {
        name: frame[name].map(_no_formula) for name in frame.columns if frame[name].dtype.kind not in "fiub"
    }
    columns |= {name: frame[name].map(rounded) for name in frame.columns if frame[name].dtype.kind == "f"}
    frame.assign(**columns).to_csv(path, index=False, lineterminator="\n")


def write_text(path: Path, text: str) -> None:
    """A file of text, whole or not at all.

    Raises:
        UsageError: the place can't be written.
    """
    _write_beside(path, lambda part: part.write_text(text, encoding="utf-8"))


def write_affected(path: Path, affected: pd.DataFrame) -> None:
    """The customers that checks found: Parquet by its suffix, else CSV for spreadsheets.

    Raises:
        UsageError: the place can't be written.
    """
    if path.suffix.lower() == ".parquet":
        _write_beside(path, lambda part: write_table(affected, part))
        return
    shown = affected.assign(
        customer_id=affected["customer_id"].map(_no_formula), value=affected["value"].map(rounded)
    )
    _write_beside(path, lambda part: shown.to_csv(part, index=False, lineterminator="\n"))


def _write_beside(path: Path, write: Callable[[Path], Any]) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        write(part)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise UsageError(f"{path}: can't be written ({error.strerror}); choose another place.") from error


def write_json(path: Path, content: Any) -> None:
    """A JSON file, keys in their order, for people as for programs."""
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )


def describe_file(path: Path, role: str) -> InputFile:
    """Name, size and hash of an input file.

    Raises:
        DataError: it can't be read any more.
    """
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
            size = os.fstat(stream.fileno()).st_size
    except OSError as error:
        raise DataError(
            f"{path}: can't be read any more ({error.strerror}); leave it where it is until the run has ended."
        ) from error
    return InputFile(name=path.name, role=role, size_bytes=size, sha256=digest.hexdigest())


def _no_formula(text: Any) -> Any:
    """A text that a spreadsheet shows as text: what looks like a formula gets a leading apostrophe.

    So does what looks like one behind apostrophes of its own, so that ``_with_formula`` gives back every text as it was.
    """
    return f"'{text}" if isinstance(text, str) and _FORMULA.match(text) else text


def _with_formula(text: str) -> str:
    """The text behind ``_no_formula``."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _read_model(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(
            f"{path}: can't be read ({error.strerror}); run `reporter generate` again."
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        if (version := _schema_of(path)) not in (None, SCHEMA_VERSION):
            raise DataError(
                f"{path}: written with schema {version}, and this reporter reads {SCHEMA_VERSION}; run `reporter generate` "
                "again on that period's readings."
            ) from error
        raise DataError(
            f"{path}: broken, or written by another version of reporter; run `reporter generate` again."
        ) from error


def _schema_of(path: Path) -> str | None:
    """The schema that a broken file says it has."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return (
        str(content["schema_version"]) if isinstance(content, dict) and "schema_version" in content else None
    )


def _read_parquet(path: Path, **what: Any) -> pd.DataFrame:
    try:
        return pd.read_parquet(path, **what)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: can't be read; run `reporter generate` again.") from error


def _there(path: Path, wanted: set[str]) -> list[str]:
    """Which of some columns a Parquet file has."""
    try:
        return [name for name in pq.read_schema(path).names if name in wanted]
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: can't be read; run `reporter generate` again.") from error
