"""Comparisons whose truth is known: adopters found, nothing found where nothing changed, and time and memory at a million customers.

python benchmarks/compare.py [--seeds 1 2] [--homes 1000] [--customers 1000000] [--keep FOLDER]
"""

import argparse
import json
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import process

from reporter.compare import Compared, compare
from reporter.pipeline import Inputs, generate
from reporter.run import read_run, write_json, write_table
from reporter.sample import write_sample, write_sample_pair
from reporter.settings import Settings, resolve

QUARTERS = ("2026Q2", "2026Q3")
BESIDE = ("customers", "system_load", "temperature")
MONTHS = {"summer": 7, "winter": 1}
"""First months of the quarters that are compared with those of the next year."""
KINDS = ("ev", "solar", "electric-heat", "vacant")
SECONDS, GIGABYTES = 60, 4
LEAST = 0.85
"""Recall and precision of new electric cars."""


def make_pair(folder: Path, seed: int, homes: int, changes: float) -> list[Path]:
    """Two quarters of a generated population, and the run of each; what is there already stays."""
    runs = [folder / f"run-{quarter}" for quarter in QUARTERS]
    if not (folder / "truth").is_dir():
        write_sample_pair(folder, homes, seed, changes=changes)
    for place, (quarter, run) in enumerate(zip(QUARTERS, runs, strict=True)):
        if (run / "facts.json").is_file():
            continue
        beside = {name: folder / f"{name}.csv" for name in BESIDE}
        make_run(folder / quarter / "readings.parquet", beside, run, runs[place - 1] if place else None)
    return runs


def make_years(folder: Path, seed: int, homes: int, month: int) -> list[Path]:
    """The same homes in the same quarter of two years: nothing changed but noise and weather."""
    runs = [folder / f"run-{year}" for year in (2026, 2027)]
    for year, run in zip((2026, 2027), runs, strict=True):
        if (run / "facts.json").is_file():
            continue
        readings = folder / f"{year}.parquet"
        write_sample(readings, homes, 90, date(year, month, 1), seed, overwrite=True)
        make_run(readings, {name: folder / f"{year}.{name}.csv" for name in BESIDE}, run, None)
    return runs


def make_run(readings: Path, beside: dict[str, Path], run: Path, previous: Path | None) -> None:
    """The run of a quarter with its weather."""
    flags = {"output.formats": [], "readings.timezone": "America/New_York"}
    generate(Inputs(readings=[readings], previous=previous, **beside), run, resolve(flags, environment={}))


def judge(folder: Path, found: Compared) -> bool:
    """Print recall and precision of each kind of new load; whether those of electric cars are high enough."""
    truth = pd.read_csv(folder / "truth" / f"{QUARTERS[1]}.csv", dtype={"customer_id": "str"})
    moves = found.moves.set_index("customer_id")
    kept = True
    for kind in KINDS:
        adopters = set(truth.loc[truth["change"] == kind, "customer_id"])
        listed = set(moves.index[moves["emerging"] == kind])
        hit = len(adopters & listed)
        recall, precision = hit / max(len(adopters), 1), hit / max(len(listed), 1)
        entry = next((e for e in found.comparison.emerging if e.kind == kind), None)
        between = f", interval {entry.low:.0f} to {entry.high:.0f}" if entry else ""
        print(f"  {kind}: {hit} of {len(adopters)} found, {len(listed) - hit} false{between}")
        if kind == "ev":
            kept = recall >= LEAST and precision >= LEAST
    return kept


def describe(found: Compared) -> None:
    """Print who moved against the noise, and what the weather explains."""
    comparison = found.comparison
    moved = comparison.migration
    print(
        f"  {moved.customers:,} in both; {moved.changed or 0:.1%} moved, noise {moved.noise_floor or 0:.1%} (to {moved.noise_floor_high or 0:.1%}), "
        f"beyond noise: {moved.beyond_noise}; shares beyond: {sum(net.beyond_noise for net in moved.net)} of {len(moved.net)}"
    )
    for finding in comparison.findings:
        print(f"  {finding.name}: {finding.description}")
    for drift in comparison.drift:
        if drift.measure in ("energy_kwh_per_day", "same_weather_kwh_per_day"):
            print(
                f"  {drift.old_segment_id} {drift.measure}: {drift.old:.2f} to {drift.new:.2f} ({drift.low:.2f} to {drift.high:.2f})"
            )


def enlarge(source: Path, target: Path, customers: int) -> None:
    """A run folder with each customer many times, every load a little different."""
    target.mkdir(parents=True)
    for name in ("facts.json", "segmentation.json", "targets.csv"):
        shutil.copyfile(source / name, target / name)
    write_json(target / "manifest.json", {"made_by": "reporter"})
    for name in ("customers.parquet", "profiles.parquet"):
        frame = pd.read_parquet(source / name)
        times = -(-customers // len(frame))
        large = frame.loc[np.repeat(np.arange(len(frame)), times)].reset_index(drop=True)
        copy = pd.Series(np.tile(np.arange(times), len(frame)).astype(str))
        large["customer_id"] = large["customer_id"] + "-" + copy
        rng = np.random.default_rng(1)
        for column in large.columns[large.columns.str.match(r"(profile|weekday|weekend)_\d")]:
            large[column] = (large[column] * rng.uniform(0.9, 1.1, len(large))).astype("float32")
        write_table(large.sort_values("customer_id"), target / name)


def measure(runs: list[Path], out: Path) -> bool:
    """Time and memory of ``reporter compare`` in a process of its own; whether the limits are kept."""
    command = [
        "-m",
        "reporter",
        "compare",
        *map(str, runs),
        "--out",
        str(out),
        "--force",
        "-q",
    ]
    took = process.run(*command)
    parts = json.loads((out / "manifest.json").read_text())["seconds"]
    print(f"  {took.seconds:.0f} s, peak {took.gigabytes:.2f} GB, exit status {took.status}; {parts}")
    return took.seconds < SECONDS and took.gigabytes < GIGABYTES


def run(arguments: argparse.Namespace, folder: Path) -> bool:
    """All measures; whether every one is as it should be."""
    kept = True
    changed: list[Path] = []
    for seed in arguments.seeds:
        for name, changes in (("changed", 0.07), ("same", 0.0)):
            print(f"seed {seed}, quarter after quarter, {'nothing changed' if not changes else 'changed'}")
            place = folder / f"{seed}-{name}"
            runs = make_pair(place, seed, arguments.homes, changes)
            changed = changed or runs
            found = compare([read_run(path) for path in runs], Settings())
            describe(found)
            if changes:
                kept &= judge(place, found)
            else:
                new = [entry.kind for entry in found.comparison.emerging]
                kept &= not new
        for name, month in MONTHS.items():
            print(f"seed {seed}, {name} after {name}, nothing changed")
            runs = make_years(folder / f"{seed}-{name}", seed, arguments.homes, month)
            found = compare([read_run(path) for path in runs], Settings())
            describe(found)
            kept &= not found.comparison.emerging
    if arguments.customers:
        print(f"{arguments.customers:,} customers")
        with tempfile.TemporaryDirectory(dir=folder) as large:
            runs = [Path(large) / path.name for path in changed]
            for source, target in zip(changed, runs, strict=True):
                enlarge(source, target, arguments.customers)
            kept &= measure(runs, Path(large) / "comparison")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--homes", type=int, default=1000, help="customers of the generated pairs")
    parser.add_argument("--customers", type=int, default=1_000_000, help="of the large runs; 0: none")
    parser.add_argument("--keep", type=Path, help="folder that keeps the generated quarters and runs")
    arguments = parser.parse_args()
    if arguments.keep:
        return int(not run(arguments, arguments.keep))
    with tempfile.TemporaryDirectory() as folder:
        return int(not run(arguments, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
