"""``ask`` on a large run: a run's customers repeated to a million rows, and the wall time of whole commands on it.

    python -m benchmarks.what_if RUN [--rows 1000000]

What is answered is not the point (the list of a run so repeated is not its list); the time from the shell's prompt to the answer is.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

QUESTIONS = (
    "when is the peak",
    "what if the goal were {goal:.0f} kW",
    "what if only 20 % take part",
    "what if we can only contact 50000 customers",
)


def repeated(run: Path, folder: Path, rows: int) -> Path:
    """A run folder whose ``customers.parquet`` has so many rows: ids of their own, effects a little different."""
    target = folder / "run"
    shutil.copytree(run, target, ignore=shutil.ignore_patterns("figures", "*.pdf", "*.html", "targets.csv"))
    table = pq.read_table(run / "customers.parquet")
    times = -(-rows // table.num_rows)
    many = pa.concat_tables([table] * times).slice(0, rows)
    ids = pa.array([f"C{number:09d}" for number in range(rows)])
    noise = np.random.default_rng(1).uniform(0.9, 1.1, rows)
    for name in many.column_names:
        if name.startswith("effect_") and pa.types.is_floating(many[name].type):
            values = many[name].to_numpy() * noise
            many = many.set_column(
                many.column_names.index(name), name, pa.array(values, many[name].type, from_pandas=True)
            )
    many = many.set_column(
        many.column_names.index("customer_id"), "customer_id", ids.cast(table["customer_id"].type)
    )
    pq.write_table(many.combine_chunks(), target / "customers.parquet")
    return target


def main() -> None:
    """Print the best and worst of three times for each question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--goal", type=float, default=2000.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = repeated(given.run, Path(place), given.rows)
        for question in QUESTIONS:
            asked = question.format(goal=given.goal)
            spent = []
            for _ in range(3):
                begun = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "reporter", "ask", str(folder), asked],
                    check=True,
                    capture_output=True,
                )
                spent.append(time.perf_counter() - begun)
            print(f"{asked:50} {min(spent):.2f} to {max(spent):.2f} s")


if __name__ == "__main__":
    main()
