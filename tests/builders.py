"""Readings whose truth is known, and short ways through the rooms."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from reporter.profiles import Profiles
from reporter.profiles.build import build_profiles
from reporter.readings import Readings, open_engine, read, read_audit
from reporter.readings.audit import Audit
from reporter.readings.cells import sums_by_cell
from reporter.readings.sources import Source, open_source
from reporter.settings import Settings, resolve

# Few customers and days do for most tests.
SMALL = {"audit.min_customers": 2, "audit.min_days": 1, "running.threads": 2}

# The same, for runs in which the choice of K is not the question.
FAST = {"segments.bootstraps": 3, "segments.starts": 3, "segments.k_max": 5}

EVENING = np.array([2, 2, 2, 2, 2, 2, 4, 5, 4, 3, 3, 3, 3, 3, 3, 4, 6, 9, 12, 12, 10, 7, 4, 3]) / 10


def settings(**flags: Any) -> Settings:
    """Settings of a small test; ``readings__timezone`` stands for ``readings.timezone``."""
    dotted = {name.replace("__", "."): value for name, value in flags.items()}
    return resolve(SMALL | dotted, environment={}).settings


def long_table(
    customers: int = 3, days: int = 8, minutes: int = 60, start: str = "2026-07-06", seed: int = 0
) -> pd.DataFrame:
    """Whole watt-hours at random, every interval there: customer_id, timestamp (naive start), kwh."""
    stamps = pd.date_range(start, periods=days * 24 * 60 // minutes, freq=f"{minutes}min", unit="us")
    numbers = np.random.default_rng(seed).integers(1, 2000, customers * len(stamps))
    return pd.DataFrame(
        {
            "customer_id": np.repeat([f"C{n:03d}" for n in range(customers)], len(stamps)),
            "timestamp": np.tile(stamps, customers),
            "kwh": numbers / 1000,
        }
    )


def by_rule(
    rule: Callable[[int, pd.DatetimeIndex], Any],
    customers: int = 3,
    days: int = 8,
    minutes: int = 60,
    start: str = "2026-07-06",
) -> pd.DataFrame:
    """Readings by a rule of the customer's number and the stamps [kWh]."""  # fmt: skip
    frame = long_table(customers, days, minutes, start)
    stamps = pd.DatetimeIndex(frame["timestamp"].iloc[: len(frame) // customers])
    frame["kwh"] = np.concatenate(
        [np.broadcast_to(np.asarray(rule(n, stamps), dtype=float), len(stamps)) for n in range(customers)]
    )
    return frame


def parquet(frame: pd.DataFrame, folder: Path, name: str = "readings.parquet") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)
    return path


def audited(paths: Path | Sequence[Path], **flags: Any) -> Audit:
    wanted = settings(**flags)
    with open_engine(wanted.running) as engine:
        return read_audit(_list(paths), engine, wanted).audit


def rows(paths: Path | Sequence[Path], **flags: Any) -> tuple[pd.DataFrame, Source]:
    """Readings as a format gives them, in order: customer_id, stamp, value, export, estimated."""
    wanted = settings(**flags)
    with open_engine(wanted.running) as engine:
        source = open_source(_list(paths), engine, wanted.readings)
        frame = engine.frame(source.table)
    return frame.sort_values(["customer_id", "stamp", "value"], ignore_index=True), source


def cells(paths: Path | Sequence[Path], **flags: Any) -> tuple[pd.DataFrame, Readings]:
    """Sums of the cleaned readings by customer, local date and hour: micro (exact), minutes, weekend."""
    wanted = settings(**flags)
    with open_engine(wanted.running) as engine:
        readings = read(_list(paths), engine, wanted)
        days = len(readings.calendar.dates)
        every = np.arange(days * 24).reshape(days, 24)
        micro, n = sums_by_cell(readings, engine, every, (days * 24,))
    row, cell = np.nonzero(n)
    used = readings.audit.used
    day, count = cell // 24, n[row, cell].astype(int)
    return pd.DataFrame(
        {
            "customer_id": used["customer_id"].to_numpy()[row],
            "date": np.array([day.date() for day in readings.calendar.dates])[day],
            "hour": cell % 24,
            "weekend": readings.calendar.weekend[day],
            "micro": micro[row, cell].astype(int),
            "minutes": count * used["minutes"].to_numpy()[row],
            "n": count,
        }
    ), readings


def profiled(
    paths: Path | Sequence[Path], system_load: tuple[pd.Series, str] | None = None, **flags: Any
) -> tuple[Profiles, Readings]:
    wanted = settings(**flags)
    with open_engine(wanted.running) as engine:
        readings = read(_list(paths), engine, wanted)
        return build_profiles(readings, engine, wanted, system_load), readings


def _list(paths: Path | Sequence[Path]) -> list[Path]:
    return [paths] if isinstance(paths, Path) else list(paths)


def make_run(
    paths: Path | Sequence[Path],
    out: Path,
    customers: Path | None = None,
    *,
    fast: bool = True,
    beside: Mapping[str, Path] = MappingProxyType({}),
    **flags: Any,
) -> Path:
    """A run folder with everything but figures and report, which other tests look at."""
    import reporter.pipeline as pipeline

    dotted = {name.replace("__", "."): value for name, value in flags.items()}
    drawing = pipeline._render
    pipeline._render = lambda *_: []
    try:
        pipeline.generate(
            pipeline.Inputs(_list(paths), customers, **beside),
            out,
            resolve(SMALL | (FAST if fast else {}) | dotted, environment={}),
            force=True,
        )
    finally:
        pipeline._render = drawing
    return out


if __name__ == "__main__":
    # For tests that need a process of their own: readings, customers, out, threads.
    import sys

    make_run(Path(sys.argv[1]), Path(sys.argv[3]), Path(sys.argv[2]), running__threads=int(sys.argv[4]))
