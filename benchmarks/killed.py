"""Runs killed at 50 seeded moments: nothing half-written, and the same command works afterwards. About two minutes.

python benchmarks/killed.py --kills 50
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

TEST = "tests/test_pressure.py::test_killed_at_any_moment_leaves_nothing_half_written"


def main() -> None:
    """Run the test of the suite, only longer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    kills = parser.parse_args().kills
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", TEST],
        env={**os.environ, "REPORTER_TEST_KILLS": str(kills)},
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
