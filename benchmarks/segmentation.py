"""Our segments and those of what an analyst would use instead, on real and generated readings, in one table.

    python benchmarks/segmentation.py --real FOLDER [--peers FOLDER] [--out benchmarks/results/segmentation.md]
    python benchmarks/segmentation.py --real FOLDER --whole 20 [--out benchmarks/results/segmentation_seeds.md]

FOLDER holds the real sets (``edrp_scotland622.parquet``, ``sgsc80.parquet``); they are read where they are. Without it the
three generated sets remain: eight known classes with 12 % of noise and 15 % solar; the same with 20 % of the readings missing and a quarter
of the customers on another length of interval; one shape at many sizes. Peers are installed into environments of their own under
``--peers`` (default: a folder of temporary files), since their pins clash; one that can't be installed is said and passed over.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, davies_bouldin_score, silhouette_score

from reporter.pipeline import Inputs
from reporter.profiles import Profiles
from reporter.profiles.build import build_profiles
from reporter.readings import open_engine, read
from reporter.sample import generate_sample
from reporter.segments.build import name_segments, segment
from reporter.segments.effect import evening_share, explained_share
from reporter.segments.shapes import relative, shapes
from reporter.segments.unseen import Halves, halves
from reporter.settings import Settings, resolve

HERE = Path(__file__).resolve().parent
PEERS = {
    "tslearn-dtw": ["tslearn"],
    "aeon-kshape": ["aeon"],
    "opendsm": ["opendsm", "multimethod<2"],
}
"""Method → what pip installs for it. openDSM does not start with multimethod 2."""
SLOW = {"tslearn-dtw", "aeon-kshape", "opendsm", "reporter:dtw"}
SLOW_BOOTSTRAPS, SLOW_SEEDS = 4, 0
OURS = ["reporter:kmeans", "reporter:hierarchical", "reporter:dtw", "reporter:dictionary"]
SCRIPTS = ["columns", "row-l2"]
SYDNEY = {"readings.timezone": "Australia/Sydney"}
REAL = {
    "Scotland": (
        "edrp_scotland622.parquet",
        {"readings.timezone": "Europe/London", "readings.source_timezone": "+00:00"},
    ),
    "Scotland, GMT throughout": ("edrp_scotland622.parquet", {}),
    "New South Wales": ("sgsc80.parquet", SYDNEY),
    "New South Wales, stamps as local starts": (
        "sgsc80.parquet",
        SYDNEY | {"readings.source_timezone": "Australia/Sydney", "readings.stamps": "start"},
    ),
}
"""Name → file and settings. Without more than the zone, the tool finds that the last one's stamps are ends and keep +10:00 all year."""
AGAIN = ("Scotland, GMT throughout", "New South Wales, stamps as local starts")
"""Other readings of the same clocks, without the peers from packages."""
CUSTOMERS, DAYS = 400, 42
GENERATED = ("Known classes", "Known classes, damaged", "One shape")


@dataclass(frozen=True)
class Set:
    name: str
    profiles: Profiles
    settings: Settings
    truth: pd.Series | None
    """Class of each customer, where it is known."""


def profiled(readings: Path, flags: dict[str, Any]) -> tuple[Profiles, Settings]:
    settings = resolve(flags, environment={}).settings
    with open_engine(settings.running) as engine:
        return build_profiles(read(Inputs([readings]).readings, engine, settings), engine, settings), settings


def damaged() -> tuple[pd.DataFrame, pd.DataFrame]:
    """20 % of the readings missing; every fourth customer metered every half hour."""
    parts, truths = [], []
    for minutes, customers, mark in ((60, CUSTOMERS * 3 // 4, "a"), (30, CUSTOMERS // 4, "b")):
        sample = generate_sample(
            customers, days=DAYS, seed=301 + minutes, interval_minutes=minutes, missing=0.2
        )
        for table, kept in ((sample.readings, parts), (sample.truth, truths)):
            frame = table.to_pandas()
            kept.append(frame.assign(customer_id=mark + frame["customer_id"].astype(str)))
    return pd.concat(parts), pd.concat(truths)


def generated(name: str, folder: Path) -> Set:
    if name == "Known classes, damaged":
        readings, truth = damaged()
    else:
        one = {"evening-peak": 1.0} if name == "One shape" else None
        sample = generate_sample(CUSTOMERS, days=DAYS, seed=300, **({"shares": one} if one else {}))
        readings, truth = sample.readings.to_pandas(), sample.truth.to_pandas()
    path = folder / "readings.parquet"
    readings.to_parquet(path)
    profiles, settings = profiled(path, {"readings.timezone": "America/New_York"})
    classes = truth.set_index("customer_id")["shape_class"].reindex(profiles.customer_id)
    return Set(name, profiles, settings, classes if classes.nunique() > 1 else None)


def install(peer: str, folder: Path) -> Path | str:
    """Python of the peer's environment, or why there is none."""
    home = folder / peer
    python = home / "bin" / "python"
    if not (home / "installed").exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(home)], capture_output=True, text=True)
        if made.returncode == 0:
            made = subprocess.run(
                [str(python), "-m", "pip", "install", "--quiet", *PEERS[peer]], capture_output=True, text=True
            )
        if made.returncode != 0:
            return (made.stderr.strip().splitlines() or ["no message"])[-1]
        (home / "installed").touch()
    return python


def job(one: Set, split: Halves, ks: list[int], bootstraps: int, seeds: int, path: Path) -> None:
    daily = one.profiles.daily
    there = ~(np.isnan(split.first).any(axis=1) | np.isnan(split.second).any(axis=1))
    np.savez(
        path,
        mean=one.profiles.profile_kw,
        days=daily.kw,
        even=split.even,
        even_days=split.even_days,
        first=split.first[there],
        second=split.second[there],
        ks=np.array(ks),
        bootstraps=bootstraps,
        seeds=seeds,
    )


def typical(odd: np.ndarray) -> np.ndarray:
    """(m,) whose shape is not far outside the others': within three times the middle half beyond the third quartile."""
    rows = shapes(odd, "l2").astype(float)
    distance = np.linalg.norm(rows - rows.mean(axis=0), axis=1)
    low, high = np.quantile(distance, [0.25, 0.75])
    return distance <= high + 3 * (high - low)


def labels(one: Set, found: np.ndarray) -> str:
    known = np.unique(found[found >= 0])
    place = np.searchsorted(known, np.maximum(found, known[0])).astype("int32")
    return ", ".join(label.label for label in name_segments(one.profiles, place, len(known), one.settings)[1])


def row(one: Set, split: Halves, name: str, answer: dict[str, Any], chosen: bool, memory: float) -> str:
    found, even = np.array(answer["found"]), np.array(answer["even"])
    rows, odd = shapes(one.profiles.profile_kw, "l2"), relative(split.odd_day)
    usual = typical(split.odd_day)
    cells = [
        name,
        f"**{answer['k']}**" if chosen else str(answer["k"]),
        f"{silhouette_score(rows, found):.2f}",
        f"{davies_bouldin_score(rows, found):.2f}",
        f"{answer['bootstrap']:.2f}",
        "–" if answer["halves"] is None else f"{answer['halves']:.2f}",
        "–" if answer["runs"] is None else f"{answer['runs']:.2f}",
        f"{explained_share(evening_share(odd)[:, None], even):.3f}",
        f"{explained_share(odd, even):.3f}",
        f"{explained_share(odd[usual], even[usual]):.3f}",
        str(np.bincount(found[found >= 0]).min()),
        "–" if one.truth is None else f"{adjusted_rand_score(one.truth, found):.2f}",
        f"{answer['seconds']:.2f}",
        f"{memory:.0f}",
        labels(one, found) if answer["k"] <= 10 else f"{answer['k']} segments",
    ]
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "| method | K | silhouette | Davies–Bouldin | bootstrap | halves | seeds | evening | whole shape | …of usual homes | smallest | truth | s | MiB "
    "| labels |\n|" + "---|" * 15
)


def over_seeds(one: Set, seeds: int) -> str:
    """The whole way from profiles to segments, once a seed."""
    runs, ks, said, names, seconds = [], [], 0, set(), []
    for seed in range(seeds):
        started = time.perf_counter()
        result = segment(one.profiles, one.settings.model_copy(update={"seed": seed}))
        seconds.append(time.perf_counter() - started)
        assert result.diagnostics is not None
        runs.append(result.assignment)
        ks.append(result.choice.k)
        findings = {finding.name for finding in result.diagnostics.findings}
        said += "unstable-segments" in findings
        names.add(tuple(label.label for label in result.labels))
    pairs = [adjusted_rand_score(a, b) for a, b in itertools.combinations(runs, 2)]
    kinds = " · ".join(sorted(findings & {"continuum", "no-structure", "unstable-segments", "weak-segments"}))
    counts = ", ".join(f"{k} ({ks.count(k)})" for k in sorted(set(ks)))
    return (
        f"| {one.name} | {counts} | {np.median(pairs):.3f} | {min(pairs):.3f} | {len(names)} | {said} of {seeds} | {kinds or '–'} | "
        f"{np.median(seconds):.1f} |"
    )


def on_set(one: Set, pythons: dict[str, Path], effort: argparse.Namespace, folder: Path) -> list[str]:
    split = halves(one.profiles, ("profile",))
    assert split is not None
    chosen = segment(one.profiles, one.settings).choice.k
    many = [8] if one.truth is not None else [3, 4, 5]
    lines = [f"\n### {one.name}\n"]
    if chosen == 1:
        lines += [
            "reporter finds no structure to act on and makes one segment; asked for groups, it gives:\n"
        ]
    lines.append(HEAD)
    for name in [*OURS, *SCRIPTS, *pythons]:
        wide = name in ("reporter:kmeans", "row-l2")
        ks = sorted({*many, *([chosen] if chosen > 1 else [])}) if wide else [chosen if chosen > 1 else 4]
        slow = name in SLOW
        path, answer = folder / "job.npz", folder / "answer.json"
        bootstraps = min(effort.bootstraps, SLOW_BOOTSTRAPS) if slow else effort.bootstraps
        job(one, split, ks, bootstraps, min(effort.seeds, SLOW_SEEDS) if slow else effort.seeds, path)
        command = [
            str(pythons.get(name, sys.executable)),
            "-W",
            "ignore",
            str(HERE / "segmentation_methods.py"),
            name,
            str(path),
            str(answer),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        print(one.name, name, done.returncode, file=sys.stderr, flush=True)
        if done.returncode != 0:
            lines.append(f"| {name} | failed: {done.stderr.strip().splitlines()[-1][:120]} |" + " |" * 13)
            continue
        said = json.loads(answer.read_text())
        for key, values in said["rows"].items():
            own = key == "own" or values.get("own") or (name == "reporter:kmeans" and values["k"] == chosen)
            lines.append(row(one, split, name, values, bool(own), said["memory_mib"]))
    return lines


EXPLAINED = """# Segments beside what an analyst would use instead

Made by `python benchmarks/segmentation.py --real FOLDER`. Bold: the K that the method chooses itself (reporter: as in `docs/method.md`; scripts: the
highest silhouette of 2 to 10 where they group; openDSM: its score). Silhouette and Davies–Bouldin index of all methods on rows of length 1 (L2), so
that they compare. *bootstrap*: median adjusted Rand index (ARI) of 30 resamples of the customers (4 for slow methods), everyone put to the nearest
segment. *halves*: ARI between everyone's segments by the first and by the second half of the days. *seeds*: median ARI between fits with 20 seeds.
*evening* and *whole shape*: share (η²) that segments made from even days explain of the customers' evening share (17–21 h) and of all 24 hours on odd
days; *…of usual homes*: without those (at most 3 of 622 and of 80) whose shape is far outside all others', each of which a method may give a segment of its
own. *truth*: ARI with the classes that the readings were made from. *s*, *MiB*: one fit at that K after compilation, and the highest memory of the
process. Peers see the same profiles.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--real", type=Path, help="folder of the real sets")
    parser.add_argument(
        "--peers", type=Path, default=Path(tempfile.gettempdir()) / "reporter-benchmark-peers"
    )
    parser.add_argument("--no-peers", action="store_true", help="only what needs no installing")
    parser.add_argument("--bootstraps", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=20, help="of single fits")
    parser.add_argument(
        "--whole", type=int, default=0, help="instead, the whole way to segments with so many seeds"
    )
    parser.add_argument("--out", type=Path)
    wanted = parser.parse_args()
    lines, runs, pythons = [] if wanted.whole else [EXPLAINED], [], {}
    for peer in () if wanted.no_peers or wanted.whole else PEERS:
        python = install(peer, wanted.peers)
        if isinstance(python, Path):
            pythons[peer] = python
        else:
            lines.append(f"{peer} can't be installed: {python}\n")
    for name in [*(REAL if wanted.real else ()), *GENERATED]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            if name in REAL:
                file, flags = REAL[name]
                one = Set(name, *profiled(wanted.real / file, flags), None)
            else:
                one = generated(name, folder)
            if wanted.whole:
                runs.append(over_seeds(one, wanted.whole))
            else:
                lines += on_set(one, {} if name in AGAIN else pythons, wanted, folder)
        if wanted.out:
            wanted.out.parent.mkdir(parents=True, exist_ok=True)
            wanted.out.write_text(whole(lines, runs, wanted.whole), encoding="utf-8")
    if not wanted.out:
        print(whole(lines, runs, wanted.whole))


def whole(lines: list[str], runs: list[str], seeds: int) -> str:
    tail: list[str] = []
    if runs:
        tail = [
            f"# The whole way from profiles to segments, {seeds} seeds\n",
            "Made by `python benchmarks/segmentation.py --real FOLDER --whole 20`. *ARI*: between all pairs of runs. *said*: runs whose report says `unstable-segments`.\n",
            "| set | K (runs) | median ARI | lowest | different lists of labels | said | findings of the last run | s |",
            "|" + "---|" * 8,
            *runs,
        ]
    return "\n".join([*lines, *tail]) + "\n"


if __name__ == "__main__":
    main()
