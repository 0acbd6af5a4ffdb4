"""How many cars and panels are found, and how many of those said are there, on generated readings.

    python benchmarks/technology.py [--customers 1000] [--days 92] [--seeds 3]

Two worlds with known truth, neither with a seed that ``scripts/fit_signatures.py`` uses: the sample's customers, smooth loads of
a class with 8 % cars and 15 % panels; and streets, whose homes have kettles, ovens, tanks and storage heaters besides, with 10 % cars and 12 %
panels. Each at hourly, 30- and 15-minute readings, summed over the seeds.
"""

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from technology.device_days import examined, generated

from reporter.sample.street import draw_street

FIRST_SEED = 50_000
"""The signatures are fitted to 1000 and up, tests use 9000 and up."""
CHUNK = 250
"""Homes of a street at a time, since these are made of five-minute loads."""
SEASONS = (date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1))


def on_sample(minutes: int, seed: int, customers: int, days: int) -> dict[str, np.ndarray]:
    """(said, there) by technology."""
    kw, temperature, truth = generated(customers, minutes, seed=seed, days=days)
    signs = examined(kw, minutes, temperature).signs()
    return {name: np.stack([signs[name], truth[f"{name}_kw"].to_numpy() > 0]) for name in ("ev", "solar")}


def on_street(minutes: int, seed: int, customers: int, days: int) -> dict[str, np.ndarray]:
    """The same, over the four seasons."""
    parts: dict[str, list[np.ndarray]] = {"ev": [], "solar": []}
    for number in range(max(customers // CHUNK, 1)):
        street = draw_street(
            min(CHUNK, customers), seed + number, start=SEASONS[number % len(SEASONS)], days=days
        )
        signs = examined(street.kw(minutes), minutes, street.sky.daily_c, start=street.start).signs()
        for name, found in parts.items():
            there = street.truth[f"{name}_kw"].to_numpy(dtype=float) > 0
            found.append(np.stack([signs[name], there]))
    return {name: np.concatenate(found, axis=1) for name, found in parts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--days", type=int, default=92)
    parser.add_argument("--seeds", type=int, default=3)
    wanted = parser.parse_args()
    print("| readings of | minutes | technology | homes with it | precision | recall |")
    print("|---|---|---|---|---|---|")
    for world, answers in (("sample", on_sample), ("streets", on_street)):
        for minutes in (60, 30, 15):
            runs = [
                answers(minutes, FIRST_SEED + 100 * seed + minutes, wanted.customers, wanted.days)
                for seed in range(wanted.seeds)
            ]
            for name in ("ev", "solar"):
                said, there = np.concatenate([run[name] for run in runs], axis=1)
                hit = (said & there).sum()
                print(
                    f"| {world} | {minutes} | {name} | {there.sum()} | {hit / max(said.sum(), 1):.3f} | {hit / there.sum():.3f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
