"""Break files of every format in every way, and see that reading them ends in readings or in one sentence.

    python benchmarks/fuzz.py --inputs 100000 [--format green_button] [--real FOLDER] [--seed 1]

Each input is a file of a format (made here, or a real one of a folder), of which bytes, lines and cells are changed by chance. What must
not happen is a traceback, an input that takes longer than a limit, or memory that grows. A process reads; a new one takes over after
some thousands of inputs. What fails is kept in ``fuzz-failures/`` with its seed.
"""

import argparse
import faulthandler
import gzip
import hashlib
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import zipfile
import zlib
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import builders
import forms

from reporter.errors import ReporterError
from reporter.readings import Engine, open_engine, read_audit
from reporter.readings.sources import open_source

SECONDS = 20
"""Longest time of the processor for an input."""
GIGABYTES = 2.0
"""Most memory of the process."""
A_PROCESS = 5_000
AN_ENGINE = 50
"""Inputs that share an engine."""
AUDITED = 40
"""One file in so many is audited too, which takes longer than reading it."""

_STRANGE = [
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\n", b"\r", b"\r\n", b",", b";", b"\t", b"|", b"nan", b"inf", b"-1e400", b"9" * 30,
    b"0001-01-01 00:00", b"9999-12-31 23:59", b"=cmd|'/C calc'!A0", b"<script>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&lol;", b"<a>", b"</entry>",
    b"200,", b"300,", b"400,1,48,A,,", b"900\n", b"100,NEM12,", b"2026-13-45", b"1,234.5", b"1.234,5", b"\xe4\xf6", b"\x1f\x8b", b"PK\x03\x04", b"PAR1",
    b"-", b"+", b"e", b"null", b" " * 300, b"kwh", b"import_kwh", b"export_kwh", b"24:00", b"H25",
]  # fmt: skip


def made(folder: Path) -> dict[str, list[tuple[str, bytes]]]:
    """A few small files of each format: name and content."""
    frame = builders.long_table(customers=2, days=2)
    aware = frame.assign(timestamp=frame["timestamp"].dt.tz_localize("UTC"))
    csv = frame.to_csv(index=False)
    day = frame["timestamp"].dt.normalize()
    days = frame.assign(date=day.dt.date, hour=frame["timestamp"].dt.hour).pivot(
        index=["customer_id", "date"], columns="hour", values="kwh"
    )
    days = days.set_axis([f"H{n:02d}" for n in range(1, 25)], axis=1).reset_index()
    wide = frame.pivot(index="timestamp", columns="customer_id", values="kwh").reset_index()
    channels = pd.concat([frame.assign(channel="import"), frame.assign(channel="export")])
    european = frame.assign(timestamp=frame["timestamp"].dt.strftime("%d.%m.%Y %H:%M")).to_csv(
        sep=";", decimal=",", index=False
    )
    xml = forms.green_button(aware[:30], folder / "f.xml", 60, forms.local_time()).read_bytes()
    nem = forms.nem12(frame, folder / "n.csv", 60).read_bytes()
    parquet = builders.parquet(frame, folder).read_bytes()
    return {
        "delimited": [
            ("r.csv", csv[:3000].encode()),
            ("r.csv", european[:3000].encode("utf-16")),
            ("r.csv.gz", gzip.compress(csv.encode())),
            ("r.csv", channels.to_csv(index=False)[:3000].encode()),
        ],
        "wide": [("r.csv", days.to_csv(index=False).encode()), ("r.csv", wide.to_csv(index=False).encode())],
        "parquet": [("r.parquet", parquet), ("r.parquet", builders.parquet(days.astype({"date": str}), folder).read_bytes())],
        "green_button": [("f.xml", xml), ("f.xml.gz", gzip.compress(xml))],
        "nem12": [("n.csv", nem)],
        "zip": [("a.zip", zipped("r.csv", csv.encode())), ("a.zip", zipped("n.csv", nem))],
    }  # fmt: skip


def zipped(name: str, content: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def real(folder: Path) -> dict[str, list[tuple[str, bytes]]]:
    """Small real files of a folder, by what reads them."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and 0 < path.stat().st_size < 400_000:
            kind = {".xml": "green_button", ".zip": "zip", ".csv": "nem12"}.get(path.suffix.lower())
            if kind:
                found.setdefault(kind, []).append((path.name, path.read_bytes()))
    return found


def broken(files: list[tuple[str, bytes]], chance: random.Random) -> tuple[str, bytes]:
    """A file with some of its bytes, lines and cells changed, doubled, moved or gone."""
    name, content = chance.choice(files)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 4, 5))):
        place = chance.randint(0, len(content))
        what = chance.choice(("bytes", "strange", "cut", "double line", "drop line", "cell", "swap"))
        if what == "bytes":
            content = (
                content[:place]
                + chance.randbytes(chance.randint(0, 6))
                + content[place + chance.randint(0, 8) :]
            )
        elif what == "strange":
            content = content[:place] + chance.choice(_STRANGE) + content[place + chance.randint(0, 4) :]
        elif what == "cut":
            content = content[:place]
        elif what == "swap":
            first, last = sorted((place, chance.randint(0, len(content))))
            content = content[last:] + content[first:last] + content[:first]
        else:
            content = _line(chance, content, what)
    return name, content


def _line(chance: random.Random, content: bytes, what: str) -> bytes:
    lines = content.split(b"\n")
    n = chance.randrange(len(lines))
    if what == "double line":
        lines.insert(n, lines[n])
    elif what == "drop line":
        del lines[n]
    else:
        cells = lines[n].split(b",")
        cells[chance.randrange(len(cells))] = chance.choice(_STRANGE)
        lines[n] = b",".join(cells)
    return b"\n".join(lines)


def read(engine: Engine, path: Path) -> None:
    """Read a file as a run does, to its last reading; a sentence is a good end."""
    chosen = builders.settings()
    try:
        if zlib.crc32(path.read_bytes()) % AUDITED == 0:
            # What is read must also be audited without a traceback; that takes longer.
            read_audit([path], engine, chosen)
            return
        source = open_source([path], engine, chosen.readings)
        table = source.table
        engine.frame(
            table.aggregate(
                n=table.count(), value=table.value.max(), stamp=table.stamp.max(), export=table.export.min()
            )
        )
    except ReporterError as error:
        text = str(error)
        assert "\n" not in text, f"more than a line: {text!r}"
        assert len(text) < 1000, f"long: {len(text)}"


def fuzz(files: list[tuple[str, bytes]], inputs: int, number: int, keep: Path | None = None) -> int:
    """Read that many broken files; how many were read without a complaint of ours.

    Raises:
        Exception: what a file raised that is no sentence.
    """
    count = 0
    running = builders.settings(running__memory="1GB", running__threads=1).running
    engines = ExitStack()
    with engines, tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        engine = engines.enter_context(open_engine(running))

        # The seed alone is drawn: drawing each change would take longer than reading the file.
        @seed(number)
        @settings(
            max_examples=inputs,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(of_input=st.integers(0, (1 << 64) - 1))
        def one(of_input: int) -> None:
            nonlocal count, engine
            count += 1
            if count % AN_ENGINE == 0:
                engines.close()
                engine = engines.enter_context(open_engine(running))
            name, content = broken(files, random.Random(of_input))
            path = Path(folder) / name
            path.write_bytes(content)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                read(engine, path)
            except BaseException:
                if keep is not None:
                    keep.mkdir(exist_ok=True)
                    (keep / f"{hashlib.sha256(content).hexdigest()[:12]}-{name}").write_bytes(content)
                raise
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)

        one()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    assert peak < GIGABYTES, f"memory rose to {peak:.1f} GB"
    return count


def _process(kind: str, files: list[tuple[str, bytes]], inputs: int, number: int) -> None:
    faulthandler.enable()
    fuzz(files, inputs, number, Path("fuzz-failures"))
    sys.stdout.write(
        f"{kind}: {inputs:,} inputs, seed {number}, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000, help="for each format")
    parser.add_argument("--format", action="append", help="one of them; may be given again")
    parser.add_argument("--real", type=Path, help="folder of real files to break too")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kinds = made(Path(folder))
    for kind, files in (real(arguments.real) if arguments.real else {}).items():
        kinds[kind] += files
    failed = 0
    for kind in arguments.format or list(kinds):
        started, left, number = time.monotonic(), arguments.inputs, arguments.seed
        while left > 0:
            process = multiprocessing.get_context("spawn").Process(
                target=_process, args=(kind, kinds[kind], min(left, A_PROCESS), number)
            )
            process.start()
            process.join()
            if process.exitcode:
                failed += 1
                sys.stdout.write(f"{kind}: seed {number} ended with {process.exitcode}; see fuzz-failures/\n")
            left -= A_PROCESS
            number += 1
        sys.stdout.write(f"{kind}: {time.monotonic() - started:.0f} s\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
