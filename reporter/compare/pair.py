"""Two runs side by side: one row for each customer of either, and how the older run's segments take the newer profiles."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.errors import DataError
from reporter.facts import Period
from reporter.profiles import Float
from reporter.run import CLASS, Run, profile_array
from reporter.tables import read_table

_CARRIED = (
    "exclusion_reason", "mean_kw", "coincident_kw", "above_baseload_kw", "ev_probability", "solar_probability",
    "heating_probability", "area", "not_target_reason", "effect_kw", "heating_kw_per_c", "cooling_kw_per_c",
    "change_point_heating_c", "change_point_cooling_c", "temperature_peak_kw",
)  # fmt: skip
"""Columns of customers.parquet that comparisons look at, where a run has them."""


@dataclass(frozen=True)
class Pair:
    """Two runs, oldest first."""

    old: Run
    new: Run
    people: pd.DataFrame
    """One row a customer read in either run, by ``customer_id`` (the newer run's, where ids were mapped):
    ``old_row`` and ``new_row`` (row of the profiles below, -1 where not used), ``old``, ``new`` (number of the older
    run's segment, -1 where not used), ``own`` (number of the newer run's own segment), and each of ``_CARRIED``
    with ``old_`` and ``new_`` before its name."""
    old_kw: Float
    """(n, 24) profiles of the older run [kW]."""
    new_kw: Float
    """(m, 24) profiles of the newer run [kW]."""
    class_changed: int = 0
    """Customers of both who are of another class now, where the older run's segments were made by class."""

    @property
    def both(self) -> NDArray[np.bool_]:
        """Customers used in both periods."""
        used: NDArray[np.bool_] = ((self.people["old"] >= 0) & (self.people["new"] >= 0)).to_numpy()
        return used

    def number(self, column: str) -> NDArray[np.float64]:
        """(n,) numbers of a column of ``people``; NaN where there is none."""
        if column not in self.people:
            return np.full(len(self.people), np.nan)
        return pd.to_numeric(self.people[column], errors="coerce").to_numpy(dtype="float64", copy=True)


def season(period: Period) -> int:
    """Quarter of the year that the middle of a period lies in, 0 to 3."""
    middle = period.start + (period.end - period.start) / 2
    return (middle.month - 1) // 3


def make_pair(old: Run, new: Run, id_map: Path | None = None) -> Pair:
    """Read what the comparison of two runs needs.

    Raises:
        DataError: a run folder or the map of ids can't be used.
    """
    kinds = {"profile", *old.segmentation.kinds}
    then, now = old.profile_columns(("profile",)), new.profile_columns(kinds)
    before = _side(old, then)
    after = _side(new, now).rename(columns={"segment": "own"})
    assigned = np.full(len(after), -1, dtype="int32")
    used = after["row"].to_numpy() >= 0
    by_old = then["customer_id"] if id_map is None else _mapped(then["customer_id"], id_map)
    now, changed = hold_class(old, then.assign(customer_id=by_old), new, now)
    assigned[used] = old.segmentation.apply(now)[after["row"].to_numpy()[used]]
    after["segment"] = assigned
    old_kw, new_kw = profile_array(then), profile_array(now)
    del then, now
    before["old_customer_id"] = before["customer_id"]
    if id_map is not None:
        before["customer_id"] = _mapped(before["customer_id"], id_map)
    people = before.merge(after, on="customer_id", how="outer", suffixes=("_old", "_new"), sort=True)
    people = people.rename(columns=_prefixed)
    for name in ("old_row", "new_row", "old", "new", "own"):
        people[name] = people[name].fillna(-1).astype("int32")
    return Pair(old, new, people.reset_index(drop=True), old_kw, new_kw, changed)


def hold_class(old: Run, then: pd.DataFrame, new: Run, now: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The newer run's profiles with the class that the older run's segments ask for, held fixed where it is known.

    A customer of both keeps the class that it had, so that a move between segments is one of load; a newcomer has that of the newer run, where
    that was made by the same column.

    Args:
        old: the older run.
        then: its profiles, by the ids of the newer run.
        new: the newer run.
        now: its profiles.

    Returns:
        The profiles, and how many customers of both are of another class now.
    """
    within = old.segmentation.within
    if within is None:
        return now, 0
    same = new.segmentation.within is not None and new.segmentation.within.column == within.column
    own = now[CLASS].fillna("") if same else pd.Series(None, index=now.index, dtype=object)
    known = then.drop_duplicates("customer_id").set_index("customer_id")[CLASS].fillna("")
    before = now["customer_id"].map(known)
    held = before.notna()
    changed = int((held & (before != own)).sum()) if same else 0
    return now.assign(**{CLASS: own.mask(held, before)}), changed


def _prefixed(name: str) -> str:
    for ending, prefix in (("_old", "old"), ("_new", "new")):
        if name.endswith(ending):
            inner = name.removesuffix(ending)
            return prefix if inner == "segment" else f"{prefix}_{inner}"
    return name


def _side(run: Run, profiles: pd.DataFrame) -> pd.DataFrame:
    ids = [segment.segment_id for segment in run.facts.segments]
    customers = run.customer_columns(("customer_id", *_CARRIED))
    frame = pd.DataFrame({"customer_id": customers["customer_id"]})
    for name in _CARRIED:
        if name in customers:
            frame[name] = customers[name]
        else:
            frame[name] = np.float32("nan")
    places = pd.DataFrame(
        {
            "customer_id": profiles["customer_id"],
            "row": np.arange(len(profiles), dtype="int32"),
            "segment": pd.Categorical(profiles["segment_id"], categories=ids).codes.astype("int32"),
        }
    )
    frame = frame.merge(places, on="customer_id", how="left")
    for name in ("row", "segment"):
        frame[name] = frame[name].fillna(-1).astype("int32")
    return frame


def _mapped(ids: pd.Series, path: Path) -> pd.Series:
    """Older ids as the newer run knows them; those that the map leaves out stay."""
    table = read_table(path, "id map")
    old, new = (
        table.ids(table.column(f"{which}_id", (which, f"{which}_customer_id"))) for which in ("old", "new")
    )
    for column in (old, new):
        if (again := column.duplicated()).any():
            row = int(np.flatnonzero(again)[0])
            raise DataError(
                f"{table.at(row)}: the id '{column.iloc[row]}' stands here a second time; keep one row of it."
            )
    return ids.map(dict(zip(old, new, strict=True))).fillna(ids)
