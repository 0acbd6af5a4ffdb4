"""Make the run folder of the sample's first quarter again: the earlier quarter of ``reporter demo``, and what templates are checked with.

Run it when the facts or the sample change; a test says when the folder no longer can be read.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from reporter.pipeline import Inputs, generate
from reporter.settings import resolve

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"
KEPT = ("facts.json", "customers.parquet", "profiles.parquet", "segmentation.json", "targets.csv")


def make(out: Path) -> None:
    """Write the run's files, without figures, report and manifest, into a folder."""
    # Nothing was known of take-up yet, so a larger goal stands for a list of some length.
    given = {"output.formats": [], "targets.goal_kw": 2.5}
    resolved = resolve(given, SAMPLE / "demo.toml", environment={})
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        generate(inputs(), run, resolved)
        out.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            shutil.copyfile(run / name, out / name)


def inputs() -> Inputs:
    """The first quarter with everything beside it that was known by its end."""
    return Inputs(
        readings=[SAMPLE / "2026Q2" / "readings.parquet"],
        customers=SAMPLE / "customers.csv",
        system_load=SAMPLE / "system_load.csv",
        temperature=SAMPLE / "temperature.csv",
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE / "2026Q2" / "run")
