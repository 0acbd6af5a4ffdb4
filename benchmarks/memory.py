"""Peak memory of reading a large CSV file: made here, read by ``reporter inspect`` and ``reporter generate`` in processes of their own.

python benchmarks/memory.py --gigabytes 2 --generate
"""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

import duckdb
from process import run

CUSTOMERS = 5_000
BYTES_A_ROW = 37
LIMIT = 1.5
RESULT = Path(__file__).parent / "results" / "memory.md"


def write(path: Path, gigabytes: float) -> int:
    """Quarter-hourly readings of 5,000 homes, as many days as the size asks for; every value another one."""
    rows = int(gigabytes * 1e9 / BYTES_A_ROW)
    stamps = max(rows // CUSTOMERS, 96 * 7)
    with duckdb.connect() as engine:
        engine.execute("SET memory_limit = '1GB'; SET preserve_insertion_order = false")
        engine.execute(
            f"""COPY (
                SELECT printf('MAC%06d', c) AS LCLid, TIMESTAMP '2026-01-01' + to_minutes(15 * t) AS tstp,
                    round(0.05 + 0.3 * (1 + sin((t + c) * 6.283 / 96)) + 0.001 * (hash(c * 100003 + t) % 1000), 4) AS "energy(kWh/hh)"
                FROM range({stamps}) s(t), range({CUSTOMERS}) r(c)
            ) TO '{path}' (HEADER)"""
        )
    return stamps * CUSTOMERS


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--generate", action="store_true", help="make a whole run too")
    arguments = parser.parse_args()
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.csv"
        rows = write(path, arguments.gigabytes)
        lines = [
            f"{path.stat().st_size / 1e9:.2f} GB of CSV, {rows:,} quarter-hourly readings of {CUSTOMERS:,} customers; "
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}.",
            "",
            "| Command | Seconds | Peak memory [GB] | Exit status |",
            "|---|---|---|---|",
        ]
        print("\n".join(lines))
        made = str(Path(folder) / "run")
        commands = [["inspect", str(path), "--timezone", "UTC", "-q"]]
        if arguments.generate:
            commands.append(["generate", str(path), "--timezone", "UTC", "--out", made, "-q"])
        for command in commands:
            took = run("-m", "reporter", *command)
            worst = max(worst, took.gigabytes)
            lines.append(f"| {command[0]} | {took.seconds:.0f} | {took.gigabytes:.2f} | {took.status} |")
            print(lines[-1])
    lines += ["", f"Limit {LIMIT} GB: {'kept' if worst < LIMIT else 'broken'}."]
    print(lines[-1])
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("# Peak memory of reading a large CSV file\n\n" + "\n".join(lines) + "\n")
    return int(worst >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
