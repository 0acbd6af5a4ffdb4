"""How often the verdict on structure is wrong, on generated sets that nothing was tuned on and on samples of real homes.

    python benchmarks/no_structure.py [--sets 50] [--real FOLDER] [--out benchmarks/results/no_structure.md]

One shape: homes of one class, in all sizes and with habits of their own; a verdict other than ``no-structure`` is wrong. Two shapes: homes of two
classes, of which the smaller has 3 to 50 %; ``no-structure`` is wrong where the classes are further apart than the thresholds
(from the shapes that the readings were made from), and right where they are nearer. Real homes: random samples; ``no-structure`` is wrong.
"""

import argparse
import itertools
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from segmentation import REAL, profiled

from reporter.sample import generate_sample
from reporter.sample.shapes import HOME_SHAPES, home_shape_table
from reporter.segments.build import segment
from reporter.segments.effect import Effect, effect
from reporter.settings import SegmentSettings, Settings

CUSTOMERS, DAYS, HOMES = 300, 28, 150
SEED = 9_000
"""No test and no other benchmark has seeds from here on."""


def generated(shares: dict[str, float], seed: int, folder: Path) -> tuple[bool, Effect | None]:
    """Whether the verdict is no-structure, and how far apart the segments are."""
    path = folder / "readings.parquet"
    generate_sample(CUSTOMERS, days=DAYS, seed=seed, shares=shares).readings.to_pandas().to_parquet(path)
    profiles, settings = profiled(path, {"readings.timezone": "America/New_York"})
    result = segment(profiles, settings)
    assert result.diagnostics is not None
    return result.choice.chosen_by == "no-structure", result.diagnostics.effect


def true_effect(shares: dict[str, float]) -> Effect:
    """Of the shapes that the readings are made from, on the mean day."""
    table = home_shape_table().astype("float64")
    day = (5 * table[:, 0] + 2 * table[:, 1]) / 7
    names, counts = list(HOME_SHAPES), [round(1000 * share) for share in shares.values()]
    rows = np.concatenate(
        [
            np.repeat(day[[names.index(name)]], count, axis=0)
            for name, count in zip(shares, counts, strict=True)
        ]
    )
    groups = np.repeat(np.arange(len(counts), dtype="int32"), counts)
    return effect((rows / rows.mean(axis=1, keepdims=True)).astype("float32"), groups)


def apart(one: Effect, options: SegmentSettings) -> bool:
    return one.evening_between >= options.min_evening_spread or one.peak_between >= options.min_peak_spread


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", type=int, default=50, help="of each kind")
    parser.add_argument("--real", type=Path, help="folder of the real sets")
    parser.add_argument("--out", type=Path)
    wanted = parser.parse_args()
    options, rows = Settings().segments, []
    rng = np.random.default_rng(SEED)
    classes, pairs = list(HOME_SHAPES), list(itertools.combinations(HOME_SHAPES, 2))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        count, wrong, highest = Counter[str](), Counter[str](), 0.0
        for number in range(wanted.sets):
            name = classes[number % len(classes)]
            none, found = generated({name: 1.0}, SEED + number, folder)
            count[name] += 1
            wrong[name] += not none
            highest = max(highest, found.evening_between if found else 0.0)
            print(name, none, found, flush=True)
        where = ", ".join(f"{name} {n}" for name, n in wrong.items() if n) or "–"
        rows.append(
            f"| one shape | {wanted.sets} | segments | {wrong.total()} | {where}; evenings at most {highest:.2f} apart |"
        )
        count, wrong, which = Counter(), Counter(), {"apart": [], "near": []}
        for number in range(wanted.sets):
            pair, share = pairs[number % len(pairs)], float(rng.uniform(0.03, 0.5))
            shares = dict(
                zip(pair, (1 - share, share) if rng.random() < 0.5 else (share, 1 - share), strict=True)
            )
            none, found = generated(shares, SEED + 1_000 + number, folder)
            truth = true_effect(shares)
            kind = "apart" if apart(truth, options) else "near"
            count[kind] += 1
            wrong[kind] += none == (kind == "apart")
            if none == (kind == "apart"):
                which[kind].append(
                    f"{' and '.join(f'{n} {s:.0%}' for n, s in shares.items())} ({truth.evening_between:.2f}, {truth.peak_between:.1f} h)"
                )
            print(shares, kind, none, truth, found, flush=True)
        rows.append(
            f"| two shapes, apart | {count['apart']} | no-structure | {wrong['apart']} | {'; '.join(which['apart']) or '–'} |"
        )
        rows.append(
            f"| two shapes, nearer than the thresholds | {count['near']} | segments | {wrong['near']} | {'; '.join(which['near']) or '–'} |"
        )
    for name in ("Scotland", "New South Wales") if wanted.real else ():
        file, flags = REAL[name]
        profiles, settings = profiled(wanted.real / file, flags)
        n, none, lowest = len(profiles.customer_id), 0, np.inf
        size = min(HOMES, n * 3 // 4)
        for _ in range(wanted.sets):
            result = segment(profiles.take(np.sort(rng.choice(n, size, replace=False))), settings)
            assert result.diagnostics is not None
            none += result.choice.chosen_by == "no-structure"
            lowest = min(
                lowest, result.diagnostics.effect.evening_between if result.diagnostics.effect else 0.0
            )
        rows.append(
            f"| {size} homes of {name} | {wanted.sets} | no-structure | {none} | evenings at least {lowest:.2f} apart |"
        )
        print(rows[-1], flush=True)
    text = "\n".join(
        [
            "# False verdicts on structure\n",
            f"Made by `python benchmarks/no_structure.py --sets {wanted.sets}{' --real FOLDER' if wanted.real else ''}`: {CUSTOMERS} homes and {DAYS} days a generated set, settings as "
            "they come. Apart: by the shapes that the readings were made from, "
            f"{options.min_evening_spread:g} of the mean load in the evening or {options.min_peak_spread:g} h in the hour of the peak (standard deviation between groups).\n",
            "| sets | how many | wrong is | wrong | which |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )
    if wanted.out:
        wanted.out.parent.mkdir(parents=True, exist_ok=True)
        wanted.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
