"""``reporter generate`` on more and more customers, beside a bare scan of the same file and what an analyst would write instead.

    python benchmarks/scale.py [--customers 1000 10000 100000] [--peers 20000] [--folder DIR] [--out benchmarks/results/scale.md]

Every number is from a process of its own: wall time, processor time and peak memory of the whole process with its children. The bare scan reads
the three columns of the file in the same engine, with as many threads, right before the run. Samples are made once and kept in the folder.
"""

import argparse
import json
import math
import os
import platform
import shutil
import tempfile
from pathlib import Path

import duckdb
import process

RESULT = Path(__file__).parent / "results" / "scale.md"
DAYS = 92
STAGES = ("readings", "profiles", "technology", "segments", "targets", "facts", "report")

SCAN = """
import duckdb, sys
duckdb.sql("SET enable_progress_bar = false")
duckdb.sql(f"SELECT max(customer_id), max(timestamp), sum(kwh) FROM '{sys.argv[1]}'").fetchall()
"""

PANDAS = """
import sys
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler
frame = pd.read_parquet(sys.argv[1])
frame["hour"] = frame["timestamp"].dt.hour
profiles = frame.groupby(["customer_id", "hour"])["kwh"].mean().unstack()
scaled = StandardScaler().fit_transform(profiles.fillna(0))
scores = {}
for k in range(2, 11):
    labels = KMeans(k, n_init=10, random_state=0).fit_predict(scaled)
    scores[k] = silhouette_score(scaled, labels, sample_size=min(len(scaled), 10_000), random_state=0)
profiles.assign(cluster=labels).to_parquet(sys.argv[2])
"""

POLARS = """
import sys
import polars as pl
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import normalize
means = (
    pl.scan_parquet(sys.argv[1])
    .group_by("customer_id", pl.col("timestamp").dt.hour().alias("hour"))
    .agg(pl.col("kwh").mean())
    .collect(engine="streaming")
    .pivot("hour", index="customer_id", values="kwh", aggregate_function="first", sort_columns=True)
    .sort("customer_id")
)
shapes = normalize(means.drop("customer_id").fill_null(0).to_numpy())
scores = {}
for k in range(2, 11):
    labels = KMeans(k, n_init=10, random_state=0).fit_predict(shapes)
    scores[k] = silhouette_score(shapes, labels, sample_size=min(len(shapes), 10_000), random_state=0)
means.with_columns(pl.Series("cluster", labels)).write_parquet(sys.argv[2])
"""


def sample(folder: Path, customers: int) -> Path:
    """Hourly readings of a quarter in order of time."""
    path = folder / f"{customers}.parquet"
    if not path.exists():
        process.run(
            "-m", "reporter", "sample", "--customers", str(customers), "--days", str(DAYS), "--out", str(path)
        )
    return path


def growth(folder: Path, sizes: list[int]) -> list[str]:
    """Tables of whole runs and of their stages."""
    whole = [
        "| Customers | Readings [million] | Bare scan [s] | generate, HTML and PDF [s] | × the scan | Processor time [s] | × the scan's | Peak memory [GB] |",
        "|---|---|---|---|---|---|---|---|",
    ]
    seconds: dict[int, dict[str, float]] = {}
    for customers in sizes:
        path = sample(folder, customers)
        readings = duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchone()
        assert readings is not None
        process.run("-c", SCAN, str(path))  # the file is in the disk's cache for both
        scan = process.run("-c", SCAN, str(path))
        run = folder / f"run-{customers}"
        shutil.rmtree(run, ignore_errors=True)
        made = process.run(
            "-m", "reporter", "generate", str(path), "--timezone", "UTC", "--out", str(run), "--quiet"
        )
        assert made.status in (0, 4), made
        seconds[customers] = json.loads((run / "manifest.json").read_text())["seconds"]
        whole.append(
            f"| {customers:,} | {readings[0] / 1e6:,.1f} | {scan.seconds:.2f} | {made.seconds:.1f} | {made.seconds / scan.seconds:.1f} "
            f"| {made.cpu:.0f} | {made.cpu / scan.cpu:.1f} | {made.gigabytes:.2f} |"
        )
        print(whole[-1], flush=True)
    stages = [
        f"| Stage | {' | '.join(f'{n:,} [s]' for n in sizes)} | Exponent of the last step |",
        f"|---|{'---|' * len(sizes)}---|",
    ]
    for stage in STAGES:
        row = [seconds[n].get(stage, 0.0) for n in sizes]
        exponent = "–"
        if len(sizes) > 1 and row[-2] > 0.5:
            exponent = f"{math.log(row[-1] / row[-2]) / math.log(sizes[-1] / sizes[-2]):.2f}"
        stages.append(f"| {stage} | {' | '.join(f'{value:.1f}' for value in row)} | {exponent} |")
    return [*whole, "", "By stage:", "", *stages]


def peers(folder: Path, customers: int) -> list[str]:
    """The same input through what an analyst would write instead."""
    path = sample(folder, customers)
    run = folder / f"run-{customers}"
    out = str(folder / "clusters.parquet")
    commands = {
        "reporter generate (HTML)": ["-m", "reporter", "generate", str(path), "--timezone", "UTC", "--out", str(run), "--formats", "html", "--quiet", "--force"],
        "pandas and scikit-learn": ["-c", PANDAS, str(path), out],
        "Polars and scikit-learn": ["-c", POLARS, str(path), out],
    }  # fmt: skip
    rows = [
        "| | Seconds | × reporter | Processor time [s] | Peak memory [GB] | × reporter |",
        "|---|---|---|---|---|---|",
    ]
    first: process.Took | None = None
    for name, command in commands.items():
        took = process.run(*command)
        if took.status:
            rows.append(f"| {name} | did not run (is it installed?) | | | | |")
            continue
        first = first or took
        rows.append(
            f"| {name} | {took.seconds:.1f} | {took.seconds / first.seconds:.2f} | {took.cpu:.0f} | {took.gigabytes:.2f} "
            f"| {took.gigabytes / first.gigabytes:.2f} |"
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Print and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument(
        "--peers",
        type=int,
        default=20_000,
        help="customers of the comparison (20,000 are 44 million readings); 0 for none",
    )
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "reporter-benchmark-scale"
    )
    parser.add_argument("--out", type=Path, default=RESULT)
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        "# More and more customers",
        "",
        f"Hourly readings of {DAYS} days, Parquet, in order of time; {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python "
        f"{platform.python_version()}, DuckDB {duckdb.__version__}. Made by `python benchmarks/scale.py`.",
        "",
        *growth(wanted.folder, sorted(wanted.customers)),
    ]
    if wanted.peers:
        lines += [
            "",
            f"## Beside what an analyst would write: {wanted.peers:,} customers",
            "",
            *peers(wanted.folder, wanted.peers),
        ]
    wanted.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
