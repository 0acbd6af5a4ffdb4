"""A report for others, as made: whose numbers are in it, and that nobody's id or curve is."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdf
import pytest
from factories import run

from reporter.errors import UsageError
from reporter.facts.model import Exclusion
from reporter.pipeline import Inputs, generate
from reporter.privacy.external import _left_out, _of_few
from reporter.run import read_facts, read_run
from reporter.settings import resolve

HOURS = np.arange(24)
SHAPES = {
    "evening": np.where((HOURS >= 17) & (HOURS < 22), 4.0, 0.6),
    "midday": np.where((HOURS >= 10) & (HOURS < 15), 4.0, 0.6),
    "night": np.where(HOURS < 5, 4.0, 0.6),
    "flat": np.full(24, 1.0),
}
DAYS = 14


def write_readings(folder: Path, sizes: dict[str, int], giant: str | None, seed: int = 0) -> Path:
    """So many customers of each shape; one of them, of the shape ``giant``, draws six times as much."""
    rng = np.random.default_rng(seed)
    stamps = pd.date_range("2026-07-06", periods=24 * DAYS, freq="h")
    parts = []
    for shape, size in sizes.items():
        for number in range(size):
            factor = rng.uniform(0.8, 1.2) * (6.0 if shape == giant and number == 0 else 1.0)
            kwh = np.tile(SHAPES[shape], DAYS) * factor * rng.uniform(0.9, 1.1, len(stamps))
            name = f"{shape.upper()}-{number:04d}"
            parts.append(pd.DataFrame({"customer_id": name, "timestamp": stamps, "kwh": kwh}))
    path = folder / "readings.parquet"
    pd.concat(parts, ignore_index=True).to_parquet(path, index=False)
    return path


def make(readings: Path, out: Path, **flags: Any) -> Path:
    given = {
        "segments.k": 4, "segments.starts": 3, "segments.bootstraps": 2, "output.formats": [], "targets.goal_kw": 1000.0, "targets.holdout_share": 0.0,
        "running.threads": 2, "readings.timezone": "UTC",
    }  # fmt: skip
    given |= {name.replace("__", "."): value for name, value in flags.items()}
    generate(Inputs(readings=[readings]), out, resolve(given, environment={}))
    return out


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    return write_readings(folder, {"evening": 45, "midday": 30, "night": 6, "flat": 25}, giant="midday")


@pytest.fixture(scope="module")
def inside(readings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(readings, tmp_path_factory.mktemp("inside") / "run")


@pytest.fixture(scope="module")
def outside(readings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(
        readings,
        tmp_path_factory.mktemp("outside") / "run",
        output__audience="external",
        output__formats=["html", "pdf"],
    )


def test_no_file_of_customers_is_in_the_folder(outside: Path) -> None:
    names = {path.name for path in outside.iterdir()}
    assert names == {"facts.json", "manifest.json", "report.html", "report.pdf", "figures", "vpp.csv"}


def test_no_byte_of_any_file_names_a_customer(outside: Path, inside: Path) -> None:
    ids = set(read_run(inside).customers["customer_id"])
    assert len(ids) == 106
    named = re.compile(r"(EVENING|MIDDAY|NIGHT|FLAT)-\d{4}")
    files = [path for path in outside.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".html", ".pdf", ".csv", ".svg", ".png"}
    for path in files:
        text = path.read_bytes().decode("latin-1")
        if path.suffix == ".pdf":
            text += "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        assert named.search(text) is None, path
    # The guard is no accident of this run: the report for the utility does name them.
    assert named.search((inside / "targets.csv").read_text()) is not None


def test_every_group_shown_satisfies_the_rule(outside: Path, inside: Path) -> None:
    shown, full = read_facts(outside), read_run(inside)
    customers = full.customers
    alone = {segment.segment_id for segment in shown.segments} - {"other"}
    small = customers["segment_id"].value_counts()
    # The six of the night and the one who is most of his segment are not by themselves.
    assert (small[list(alone)] >= 15).all()
    assert alone and len(alone) < 4
    rest = customers[~customers["segment_id"].isin(alone)]
    for rows in [*(customers[customers["segment_id"] == name] for name in alone), rest]:
        energy = rows["import_kwh"]
        assert (len(rows) >= 15 and energy.max() <= 0.15 * energy.sum()) or rows is rest
    assert len(rest) >= 15
    assert sum(segment.customers for segment in shown.segments) == len(customers)


def test_no_curve_of_a_single_customer_is_drawn_or_told(outside: Path, inside: Path) -> None:
    profiles = read_run(inside).profiles
    own = profiles[[f"profile_{hour:02d}" for hour in range(24)]].to_numpy()
    shapes = own / own.mean(axis=1, keepdims=True)
    facts = read_facts(outside)
    curves: list[list[float]] = []

    def collect(value: Any) -> None:
        if isinstance(value, list) and len(value) == 24 and all(isinstance(v, int | float) for v in value):
            curves.append(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            collect(inner)

    collect(facts.model_dump(mode="json"))
    assert len(curves) > 6
    for curve in np.array(curves):
        for theirs in (own, shapes):
            assert np.abs(theirs - curve).max(axis=1).min() > 1e-3
    # The thin lines, drawn as pixels, stand for single customers in the utility's own figure, and in no other.
    for place in range(1, len(facts.segments) + 1):
        assert "<image" not in (outside / "figures" / f"overlay-{place:02d}.svg").read_text()
    assert "<image" in (inside / "figures" / "overlay-01.svg").read_text()


def test_what_divides_customers_otherwise_than_the_sets_checked_is_not_told(outside: Path) -> None:
    targets = json.loads((outside / "facts.json").read_text())["targets"]
    # A new fact has to be looked at before it leaves: this list is of those that were.
    assert set(targets) == {
        "peak_hours", "programs", "matches", "event_hours", "goal_kw", "goal_source", "goal_reached", "eligible", "recommended_offers", "holdout",
        "enrolment_rate", "enrolment_basis", "enrolments", "participation", "expected_kw", "low_kw", "high_kw", "at_system", "rules", "provisional",
        "probability_of_goal", "uncertainty", "repeat_offers", "may_be_asked", "offered_gain_share", "strategies", "curves", "gains", "groups",
        "stand_ins", "not_targets", "plant",
    }  # fmt: skip
    assert targets["repeat_offers"] is None
    assert (targets["may_be_asked"], targets["offered_gain_share"]) == (0, 0.0)
    assert (targets["strategies"], targets["curves"], targets["gains"]) == ([], [], [])
    assert all(row["customers"] >= 15 for row in targets["not_targets"])


def test_what_is_left_out_is_said(outside: Path) -> None:
    facts = read_facts(outside)
    assert facts.privacy is not None
    assert facts.privacy.rules == ["15/15"]
    assert facts.privacy.segments_together >= 2
    page = (outside / "report.html").read_text()
    assert "What this report leaves out" in page
    assert "no record of them is kept" in page
    assert facts.change is None and facts.events is None


def test_nothing_excluded_can_be_subtracted_from_the_total(outside: Path) -> None:
    facts = read_facts(outside)
    by_segment = sum(segment.energy_kwh_per_day * segment.customers * DAYS for segment in facts.segments)
    assert facts.quality.energy_kwh == pytest.approx(by_segment, rel=1e-4)


def test_a_folder_for_others_is_no_run_of_ones_own(outside: Path) -> None:
    with pytest.raises(UsageError, match="a report for others"):
        read_run(outside)
    manifest = json.loads((outside / "manifest.json").read_text())
    assert manifest["audience"] == "external" and "command" not in manifest


def test_a_second_report_is_held_against_the_first(readings: Path, tmp_path: Path) -> None:
    record = tmp_path / "private" / "releases.parquet"
    flags: dict[str, Any] = {"output__audience": "external", "privacy__releases": record}
    first = make(readings, tmp_path / "first", **flags)
    assert "releases.parquet" not in (first / "facts.json").read_text()
    kept = pd.read_parquet(record)
    assert len(kept) == 106 and kept["release"].nunique() == 1
    again = make(readings, tmp_path / "again", **flags)
    assert (first / "facts.json").read_bytes() != b"" and pd.read_parquet(record).equals(kept)
    assert read_facts(again).privacy.earlier_reports == 1  # type: ignore[union-attr]
    assert [s.customers for s in read_facts(again).segments] == [
        s.customers for s in read_facts(first).segments
    ]
    # Without three of the customers: what they use would follow from the two.
    frame = pd.read_parquet(readings)
    fewer = tmp_path / "fewer.parquet"
    frame[~frame["customer_id"].isin([f"EVENING-000{n}" for n in range(3)])].to_parquet(fewer, index=False)
    with pytest.raises(UsageError, match="beside the earlier reports"):
        make(fewer, tmp_path / "second", **flags)
    assert not (tmp_path / "second").exists()
    assert pd.read_parquet(record).equals(kept)


@pytest.mark.parametrize("seed", [1, 3])
def test_runs_with_small_and_dominated_segments(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    sizes = dict(zip(SHAPES, rng.choice([3, 9, 20, 40], len(SHAPES)).tolist(), strict=True))
    sizes["evening"], sizes["flat"] = 60, 50
    readings = write_readings(tmp_path, sizes, giant=str(rng.choice(["midday", "night"])), seed=seed)
    own = read_run(make(readings, tmp_path / "own")).customers
    shown = read_facts(make(readings, tmp_path / "shown", output__audience="external"))
    alone = {segment.segment_id for segment in shown.segments} - {"other"}
    groups = own["segment_id"].where(own["segment_id"].isin(alone), "other")
    for _, energy in own.groupby(groups)["import_kwh"]:
        assert len(energy) >= 15 and energy.max() <= 0.15 * energy.sum()
    assert groups.value_counts().to_dict() == {s.segment_id: s.customers for s in shown.segments}


@pytest.mark.parametrize(
    ("read", "reasons", "told", "kept"),
    [(229, [], 229, 0), (233, [1, 3], 229, 0), (279, [20, 30], 279, 2), (279, [48, 2], 279, 0)],
)
def test_customers_who_could_not_be_used_are_told_of_where_they_are_enough(
    read: int, reasons: list[int], told: int, kept: int
) -> None:
    quality = run()[0].quality
    rows = [quality_row(number, count) for number, count in enumerate(reasons)]
    quality = quality.model_copy(update={"customers_read": read, "customers_used": 229, "excluded": rows})
    shown = quality.model_copy(update=_left_out(quality, 15))
    assert (shown.customers_read, len(shown.excluded)) == (told, kept)


def quality_row(number: int, customers: int) -> Exclusion:
    return Exclusion(reason=f"reason-{number}", customers=customers, description="a reason")


def test_findings_of_few_and_of_events_are_left_out() -> None:
    few = [
        "2 customers with a shape far from every segment's: kept, in the nearest segment.",
        "2 duplicate readings of 1 customer not counted; 2 times had different values.",
        "7 past offers went to customers without usable readings here.",
        "Of 34 past enrolments, 3 ended in an opt-out.",
    ]
    assert all(_of_few("any", text, 15) for text in few)
    enough = [
        "41 customers sent energy to the grid; negative readings are export.",
        "1,012 customers have a gap of 48 hours or more.",
        "5 of the 20 peak hours lie on weekends or holidays.",
        "No exclusion column is there, so nobody is left out for that.",
    ]
    assert not any(_of_few("any", text, 15) for text in enough)
    assert _of_few("event-effect-not-clear", "The reduction in the events can't be told from none.", 15)


def test_the_australian_homes_are_given_out_without_the_program_of_seven(
    real_data: Path, tmp_path: Path
) -> None:
    given = {
        "readings.timezone": "Australia/Sydney", "output.formats": [], "segments.bootstraps": 2, "running.threads": 2,
    }  # fmt: skip
    inputs = Inputs(
        readings=[real_data / "sgsc80.parquet"],
        customers=real_data / "sgsc80.customers.csv",
        events=real_data / "sgsc80.events.csv",
    )
    generate(inputs, tmp_path / "run", resolve(given | {"output.audience": "external"}, environment={}))
    facts = read_facts(tmp_path / "run")
    assert [row.program for row in facts.targets.programs] == ["other-programs"]
    assert all(row.offers >= 15 for row in facts.targets.programs)
    assert facts.events is None
    # Six homes were called: neither their load nor their number is in any sentence.
    assert not [finding.name for finding in facts.quality.findings if "event" in finding.name]
    assert "comparison-differs" not in {finding.name for finding in facts.quality.findings}
    assert facts.privacy is not None
    assert any("programs by themselves" in sentence for sentence in facts.privacy.withheld)


def test_too_few_customers_for_the_rule_are_refused(readings: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"aggregation rule \(100\)"):
        make(readings, tmp_path / "run", output__audience="external", privacy__rule="100")
    assert not (tmp_path / "run").exists()
