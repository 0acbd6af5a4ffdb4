"""How long synthetic readings take: ``python benchmarks/sample_speed.py [CUSTOMERS] [DAYS] [SUFFIX] [MINUTES]``."""

import resource
import sys
import tempfile
import time
from pathlib import Path

from reporter.sample import write_sample


def main(customers: int = 100_000, days: int = 92, suffix: str = ".parquet", minutes: int = 60) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"readings{suffix}"
        start = time.perf_counter()
        files = write_sample(out, customers, days, interval_minutes=minutes)
        seconds = time.perf_counter() - start
        memory_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{customers} customers × {days} days, {minutes} min, {suffix}: {seconds:.1f} s, {files.rows} rows, "
            f"{out.stat().st_size / 1e6:.0f} MB, {memory_gb:.2f} GB of memory at most"
        )


if __name__ == "__main__":
    arguments = sys.argv[1:]
    numbers = [int(text) if text.isdigit() else text for text in arguments]
    main(*numbers)  # type: ignore[arg-type]
