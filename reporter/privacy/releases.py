"""The utility's own record of reports that were given out: which customers were in which published set, and when.

It holds ids and never leaves the utility. A new report is held against all earlier ones whose period overlaps: sums of one time can be
subtracted from one another, those of another time can't.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from reporter.errors import DataError, UsageError
from reporter.privacy.partition import Earlier
from reporter.privacy.rule import Cells

_COLUMNS = ("release", "start", "end", "customer_id", "cell", "energy_kwh")


def read_releases(path: Path | None) -> pd.DataFrame:
    """The record; empty where there is none yet.

    Raises:
        DataError: the file can't be read or is none of ours.
    """
    if path is None or not path.exists():
        return pd.DataFrame({name: pd.Series(dtype="str") for name in _COLUMNS})
    try:
        frame = pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"{path}: the record of reports given out can't be read; without it nothing can be held against them."
        ) from error
    if not set(_COLUMNS) <= set(frame.columns):
        raise DataError(f"{path}: no record of reports given out; choose another place for privacy.releases.")
    return frame


def earlier_reports(releases: pd.DataFrame, customer_id: NDArray[np.str_], start: date, end: date) -> Earlier:
    """The earlier reports of the same time, by the customers used now and, behind them, those who are not."""
    first, last = start.isoformat(), end.isoformat()
    same = releases[(releases["start"] <= last) & (releases["end"] >= first)]
    used = pd.Index(customer_id.astype(object))
    # Energy of one who is not used now: the most that a report was made with.
    gone = same[~same["customer_id"].isin(used)].groupby("customer_id", sort=True)["energy_kwh"].max()
    everybody = used.append(pd.Index(gone.index.astype(object)))
    found = []
    for _, rows in same.groupby("release", sort=True):
        cells = np.full(len(everybody), -1, dtype=np.int64)
        cells[everybody.get_indexer(pd.Index(rows["customer_id"].astype(object)))] = rows["cell"].to_numpy(
            dtype=np.int64
        )
        found.append(cells)
    return Earlier(tuple(found), gone.to_numpy(dtype=np.float64))


def record(
    path: Path,
    releases: pd.DataFrame,
    customer_id: NDArray[np.str_],
    cells: Cells,
    energy: NDArray[np.float64],
    start: date,
    end: date,
) -> None:
    """Add a report to the record, whole or not at all; the same report a second time adds nothing.

    Raises:
        UsageError: the file can't be written.
    """
    new = pd.DataFrame(
        {
            "start": start.isoformat(),
            "end": end.isoformat(),
            "customer_id": customer_id.astype(object),
            "cell": cells,
            "energy_kwh": energy,
        }
    )
    numbers = releases["release"].astype(int) if len(releases) else pd.Series(dtype=int)
    for _, rows in releases.groupby("release"):
        if _same(rows, new):
            return
    new.insert(0, "release", int(numbers.max()) + 1 if len(numbers) else 1)
    frames: Sequence[pd.DataFrame] = [releases.assign(release=numbers), new] if len(releases) else [new]
    table = pa.Table.from_pandas(pd.concat(frames, ignore_index=True), preserve_index=False)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.replace_schema_metadata(None), part, compression="zstd")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise UsageError(
            f"{path}: the record of reports given out can't be written ({error.strerror})."
        ) from error


def _same(rows: pd.DataFrame, new: pd.DataFrame) -> bool:
    columns = list(new.columns)
    one, other = (
        frame[columns].sort_values("customer_id").reset_index(drop=True).astype(str) for frame in (rows, new)
    )
    return one.equals(other)
