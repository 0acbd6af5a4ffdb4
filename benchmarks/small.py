"""Start-up and small jobs: whole commands in fresh processes, best of some times.

python benchmarks/small.py [--times 3]
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from process import Took, run

RESULT = Path(__file__).parent / "results" / "small.md"


@dataclass(frozen=True)
class Job:
    """A command and the time that it is meant to take."""

    name: str
    arguments: list[str]
    goal_s: float
    out: Path | None = None


def jobs(folder: Path) -> list[Job]:
    """The commands, in an order in which each finds what it needs."""
    sample, made = folder / "readings.parquet", folder / "run"
    generate = ["generate", str(sample), "--timezone", "UTC", "--force", "-q", "--out"]
    return [
        Job("`--help`", ["--help"], 0.3),
        Job(
            "`demo`: 240 customers, every option, HTML and PDF", ["demo", "-q", "--out", str(made)], 15, made
        ),
        Job("`ask` when the peak is", ["ask", str(made), "when is the peak"], 1),
        Job("`ask` what another goal takes", ["ask", str(made), "what if the goal were 40 kW"], 1),
        Job(
            "1,000 customers × 92 days, HTML",
            [*generate, str(folder / "html"), "--formats", "html"],
            6,
            folder / "html",
        ),
        Job(
            "1,000 customers × 92 days, HTML and PDF",
            [*generate, str(folder / "pdf"), "--formats", "html,pdf"],
            12,
            folder / "pdf",
        ),
    ]


def measure(arguments: list[str]) -> Took:
    """``reporter`` with some arguments.

    Raises:
        SystemExit: it failed.
    """
    took = run("-m", "reporter", *arguments, quiet=True)
    if took.status:
        sys.exit(f"{' '.join(arguments)}: exit status {took.status}")
    return took


def best(job: Job, times: int) -> Took:
    """The least of each over some runs: what others do on the machine only adds."""
    runs = []
    for _ in range(times):
        if job.out is not None:
            shutil.rmtree(job.out, ignore_errors=True)
        runs.append(measure(job.arguments))
    return Took(
        min(one.seconds for one in runs), min(one.cpu for one in runs), min(one.gigabytes for one in runs), 0
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=3)
    times = parser.parse_args().times
    lines = [
        f"`python benchmarks/small.py --times {times}`: whole commands in fresh processes, the best of {times}. {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}; load before the start {os.getloadavg()[0]:.1f}, which is other work "
        "on these cores.",
        "",
        "CPU time is that of all processes of the command, memory that of the largest of them.",
        "",
        "| Command | Goal [s] | Time [s] | CPU time [s] | Peak memory [MB] |",
        "|---|---|---|---|---|",
    ]
    print("\n".join(lines))
    missed = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        measure(["sample", "--customers", "1000", "--days", "92", "--out", str(folder / "readings.parquet")])
        for job in jobs(folder):
            found = best(job, times)
            lines.append(
                f"| {job.name} | {job.goal_s:g} | {found.seconds:.2f} | {found.cpu:.2f} | {1e3 * found.gigabytes:.0f} |"
            )
            print(lines[-1], flush=True)
            if found.seconds > job.goal_s:
                missed.append(job.name)
    lines += ["", f"Goals missed: {'; '.join(missed)}." if missed else "All goals met."]
    print(lines[-1])
    RESULT.write_text("# Start-up and small jobs\n\n" + "\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
