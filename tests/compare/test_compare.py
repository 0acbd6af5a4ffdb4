"""Two runs whose difference is known."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pytest

from reporter.compare import compare as compare_runs
from reporter.errors import DataError, UsageError
from reporter.facts import Comparison
from reporter.report.change import change_view
from reporter.run import Run, read_run

EVENING = builders.EVENING
MORNING = np.roll(EVENING, 12)
FLAT = np.full(24, EVENING.mean())
SHAPES = [EVENING, MORNING, FLAT]
CUSTOMERS, DAYS = 60, 28

Make = Callable[..., Run]


def compare(*runs: Run) -> tuple[Comparison, pd.DataFrame]:
    compared = compare_runs(runs, builders.settings())
    return compared.comparison, compared.moves


def homes(
    kind: Callable[[int], int], start: str, size: float = 1.0, seed: int = 0, minutes: int = 60
) -> pd.DataFrame:
    """Noisy homes of three clear shapes."""
    noise = np.random.default_rng(seed)
    return builders.by_rule(
        lambda n, t: size * (1 + n % 7) * SHAPES[kind(n)][t.hour] * noise.gamma(100, 0.01, len(t)),
        customers=CUSTOMERS, days=DAYS, start=start, minutes=minutes,
    )  # fmt: skip


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    def run(frame: pd.DataFrame, **flags: object) -> Run:
        folder = tmp_path_factory.mktemp("compare")
        return read_run(builders.make_run(builders.parquet(frame, folder), folder / "run", **flags))

    return run


@pytest.fixture(scope="module")
def old(make: Make) -> Run:
    return make(homes(lambda n: n % 3, "2026-06-29"))


def names(comparison: Comparison) -> set[str]:
    return {finding.name for finding in comparison.findings}


def test_the_same_run_twice_shows_no_change(old: Run) -> None:
    comparison, moves = compare(old, old)
    k = len(old.facts.segments)
    assert [match.status for match in comparison.segments] == ["matched"] * k
    assert all(
        match.distance == 0 and match.old_segment_id == match.new_segment_id for match in comparison.segments
    )
    assert comparison.migration.changed == 0
    assert comparison.migration.beyond_noise is False
    assert comparison.migration.matrix == np.diag([s.customers for s in old.facts.segments]).tolist()
    assert (comparison.migration.arrivals, comparison.migration.departures) == (0, 0)
    assert {drift.change for drift in comparison.drift} == {0}
    assert (moves["old_segment_id"] == moves["new_segment_id"]).all()
    assert len(moves) == CUSTOMERS
    assert comparison.emerging == []


@pytest.fixture(scope="module")
def shifted(make: Make) -> Run:
    # Twelve of the sixty change from evening to morning, and everyone takes a tenth more.
    moved = set(range(0, 36, 3))
    return make(homes(lambda n: 1 if n in moved else n % 3, "2026-07-27", size=1.1, seed=1))


def test_a_known_shift_is_found(old: Run, shifted: Run) -> None:
    comparison, moves = compare(old, shifted)
    by_label = {s.label: s.segment_id for s in old.facts.segments}
    evening, morning, flat = by_label["evening-peak"], by_label["morning-peak"], by_label["flat"]
    assert {(m.old_segment_id, m.status) for m in comparison.segments} == {
        (evening, "matched"), (morning, "matched"), (flat, "matched"),
    }  # fmt: skip
    migration = comparison.migration
    assert migration.customers == CUSTOMERS
    assert migration.changed == pytest.approx(12 / 60)
    assert migration.noise_floor == 0
    assert migration.beyond_noise is True
    place = {segment: n for n, segment in enumerate(migration.segments)}
    matrix = np.array(migration.matrix)
    assert matrix.sum() == CUSTOMERS
    assert matrix[place[evening], place[morning]] == 12
    assert np.trace(matrix) == 48
    changed = moves[moves["old_segment_id"] != moves["new_segment_id"]]
    assert set(changed["customer_id"]) == {f"C{n:03d}" for n in range(0, 36, 3)}
    share = {(d.old_segment_id, d.measure): d for d in comparison.drift}
    assert share[evening, "share"].change == pytest.approx(-0.2, abs=1e-6)
    assert share[morning, "share"].change == pytest.approx(0.2, abs=1e-6)
    energy = share[flat, "energy_kwh_per_day"]
    assert energy.new / energy.old == pytest.approx(1.1, rel=0.01)
    assert energy.change == pytest.approx(energy.new - energy.old, rel=1e-4)


def test_a_changed_share_is_the_headline_though_moves_alone_could_be_noise(old: Run, shifted: Run) -> None:
    comparison, _ = compare(old, shifted)
    moves = comparison.migration.model_copy(update={"beyond_noise": False})
    view = change_view(comparison.model_copy(update={"migration": moves, "emerging": []}))
    assert view.case == "shares"
    assert view.most is not None
    assert abs(view.most.change) == pytest.approx(0.2)
    still = [net.model_copy(update={"beyond_noise": False}) for net in moves.net]
    quiet = comparison.model_copy(
        update={"migration": moves.model_copy(update={"net": still}), "emerging": [], "findings": []}
    )
    assert change_view(quiet).case == "noise"


def test_a_peak_around_midnight_drifts_the_shorter_way(make: Make) -> None:
    def night(hour: int) -> Callable[[int], int]:
        SHAPES[2] = 0.5 + 0.3 * np.cos((np.arange(24) - hour) * np.pi / 12)
        return lambda n: n % 3

    try:
        before = make(homes(night(23), "2026-06-29"))
        after = make(homes(night(24), "2026-07-27"))
    finally:
        SHAPES[2] = FLAT
    drift = [d for d in compare(before, after)[0].drift if d.measure == "peak_hour" and d.change]
    assert [(d.old, d.new, d.change) for d in drift] == [(23, 0, 1)]


def test_a_segment_in_one_run_only_is_new_or_gone(old: Run, make: Make) -> None:
    two = make(homes(lambda n: n % 2, "2026-07-27"))
    forwards, _ = compare(old, two)
    gone = [match for match in forwards.segments if match.status == "gone"]
    assert [(match.old_title, match.new_customers) for match in gone] == [("Flat", 0)]
    three = make(homes(lambda n: n % 3, "2026-08-31"))
    backwards, _ = compare(two, three)
    new = [match for match in backwards.segments if match.status == "new"]
    assert [(match.new_title, match.old_customers) for match in new] == [("Flat", 0)]


def test_arrivals_and_departures_are_counted_and_not_called_moves(old: Run, make: Make) -> None:
    frame = homes(lambda n: n % 3, "2026-07-27")
    frame["customer_id"] = frame["customer_id"].replace({f"C{n:03d}": f"N{n:03d}" for n in range(6)})
    comparison, moves = compare(old, make(frame))
    migration = comparison.migration
    assert (migration.customers, migration.arrivals, migration.departures) == (CUSTOMERS - 6, 6, 6)
    assert migration.changed == 0
    assert len(moves) == CUSTOMERS + 6
    assert moves["old_segment_id"].isna().sum() == 6
    assert moves.columns.tolist() == ["customer_id", "old_segment_id", "new_segment_id", "emerging"]


def test_renumbered_ids_are_said(old: Run, make: Make) -> None:
    frame = homes(lambda n: n % 3, "2026-07-27")
    comparison, _ = compare(old, make(frame.assign(customer_id="9" + frame["customer_id"])))
    assert "no-common-customers" in names(comparison)
    assert comparison.migration.customers == 0
    assert comparison.migration.changed is None
    assert comparison.migration.beyond_noise is None


def test_a_map_of_ids_brings_renumbered_customers_together(old: Run, make: Make, tmp_path: Path) -> None:
    frame = homes(lambda n: n % 3, "2026-07-27")
    new = make(frame.assign(customer_id="9" + frame["customer_id"]))
    ids = sorted(frame["customer_id"].unique())
    path = tmp_path / "ids.csv"
    path.write_text("old_id,new_id\n" + "".join(f"{name},9{name}\n" for name in ids))
    compared = compare_runs([old, new], builders.settings(), path)
    migration = compared.comparison.migration
    assert (migration.customers, migration.changed, migration.arrivals) == (CUSTOMERS, 0, 0)
    assert compared.moves["customer_id"].tolist() == [f"9{name}" for name in ids]
    path.write_text("old_id,new_id\nC000,9C000\nC000,9C001\n")
    with pytest.raises(DataError, match=r"ids.csv, line 3: the id 'C000' stands here a second time"):
        compare_runs([old, new], builders.settings(), path)


def test_other_intervals_another_k_and_another_normalisation_compare(old: Run, make: Make) -> None:
    new = make(homes(lambda n: n % 3, "2026-07-27", minutes=30), segments__k=2, segments__normalise="l1")
    comparison, _ = compare(old, new)
    assert {"interval-differs", "normalise-differs", "k-differs"} <= names(comparison)
    assert comparison.migration.changed == 0
    assert len(new.facts.segments) == 2
    assert {match.status for match in comparison.segments} >= {"matched"}


def test_other_peak_hours_are_said(old: Run, make: Make) -> None:
    other = make(homes(lambda n: n % 3, "2026-07-27"), peak__window=(16, 21))
    finding = {f.name: f for f in compare(old, other)[0].findings}["peak-settings-differ"]
    assert "the usual ones then, peak.window" in finding.description


def test_three_runs_have_trends_and_a_year_ago(old: Run, shifted: Run, make: Make) -> None:
    later = make(homes(lambda n: n % 3, "2027-06-28", seed=2))
    comparison, _ = compare(old, shifted, later)
    assert [period.start.isoformat() for period in comparison.periods] == [
        "2026-06-29",
        "2026-07-27",
        "2027-06-28",
    ]
    share = {trend.title: trend.share for trend in comparison.trends}
    assert share["Evening peak"] == pytest.approx([1 / 3, 8 / 60, 1 / 3], abs=1e-5)
    assert share["Morning peak"] == pytest.approx([1 / 3, 32 / 60, 1 / 3], abs=1e-5)
    assert [sum(shares) for shares in zip(*share.values(), strict=True)] == pytest.approx([1, 1, 1], abs=1e-5)
    # The last two runs are not of one season; the first and the last are.
    assert comparison.migration.changed == pytest.approx(12 / 60)
    assert comparison.year_on_year is not None
    assert comparison.year_on_year.period == old.facts.period
    assert comparison.year_on_year.migration.changed == 0
    assert compare(old, later)[0].year_on_year is None


def test_the_newer_run_first_is_refused(old: Run, shifted: Run) -> None:
    with pytest.raises(UsageError, match="give the oldest run first"):
        compare(shifted, old)


def test_runs_of_two_zones_are_refused(old: Run, make: Make) -> None:
    other = make(homes(lambda n: n % 3, "2026-07-27"), readings__timezone="Europe/London")
    with pytest.raises(UsageError, match="same --timezone"):
        compare(old, other)


def test_another_season_is_said(old: Run, shifted: Run, make: Make) -> None:
    assert "season-differs" not in names(compare(old, shifted)[0])
    assert "season-differs" in names(compare(old, make(homes(lambda n: n % 3, "2026-12-07")))[0])


def test_with_too_few_days_the_noise_is_unknown(make: Make) -> None:
    frame = homes(lambda n: n % 3, "2026-06-29")
    first = make(frame[frame["timestamp"] < frame["timestamp"].min() + timedelta(days=10)])
    comparison, _ = compare(first, first)
    assert comparison.migration.noise_floor is None
    assert comparison.migration.beyond_noise is None
    assert "noise-floor-unknown" in names(comparison)


def test_a_comparison_is_plain_data(old: Run, shifted: Run, tmp_path: Path) -> None:
    comparison, _ = compare(old, shifted)
    assert Comparison.model_validate_json(comparison.model_dump_json()) == comparison
