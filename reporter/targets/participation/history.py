"""Past offers and what came of them: the optional file, validated on reading."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.errors import DataError
from reporter.settings import Settings
from reporter.tables import Table, read_table

_PROGRAM = ("programme", "program_id", "offer")
_OFFERED = ("offered_on", "offer_date", "date_offered")
_ENROLLED = ("accepted", "took_part")


@dataclass(frozen=True)
class History:
    """Past offers, a row an offer, by date, customer and program."""

    frame: pd.DataFrame
    """``customer_id``, ``program`` (text), ``offered`` (day), ``enrolled`` (true or false), ``opted_out`` (the same),
    ``enrolled_on`` (day; that of the offer where the file doesn't say)."""
    states_opt_out: bool
    """The file says who opted out."""
    unused: tuple[str, ...] = ()
    """Columns that were written after the offer, or that nobody asked for."""


def read_enrolment(path: Path, settings: Settings) -> History:
    """Past offers in a CSV (also gzip) or Parquet file.

    Raises:
        DataError: the file can't be read, a column is missing, or a row has no customer, no day, neither true nor
            false where one of them is needed, or an offer that another row has with another outcome.
    """
    table = read_table(path, "enrolment", settings.columns.enrolment)
    id_column = table.customer_column(settings.readings.customer_column)
    program_column = table.column("program", _PROGRAM)
    offered_column = table.column("offered", _OFFERED)
    enrolled_column = table.column("enrolled", _ENROLLED)
    opted_out = table.find("opted_out", ("opt_out", "optedout_on"))
    offered = table.times(offered_column)
    columns: dict[str, Any] = {
        "customer_id": table.ids(id_column).to_numpy(dtype=object),
        "program": table.texts(program_column).to_numpy(dtype=object),
        "offered": offered.tz_localize(None).normalize().as_unit("s"),
        "enrolled": table.flags(enrolled_column, may_be_empty=False),
        "opted_out": table.flags(opted_out) if opted_out else np.zeros(len(table.frame), dtype=np.bool_),
    }
    columns["enrolled_on"] = _enrolled_on(table, columns["offered"])
    frame = pd.DataFrame(columns)
    key = ["customer_id", "program", "offered"]
    twice = frame.duplicated(key) & ~frame.duplicated([*key, "enrolled"])
    if twice.any():
        row = int(np.flatnonzero(twice.to_numpy())[0])
        raise DataError(
            f"{table.at(row)}: the offer to customer '{frame['customer_id'][row]}' comes a second time, with another outcome; keep one of them."
        )
    # When somebody enrolled tells nothing beforehand: the column stays among those not used.
    used = {id_column, program_column, offered_column, enrolled_column, opted_out}
    return History(
        frame.drop_duplicates(key).sort_values(["offered", "customer_id", "program"], ignore_index=True),
        states_opt_out=opted_out is not None,
        unused=tuple(str(name) for name in table.frame.columns if name not in used),
    )


def _enrolled_on(table: Table, offered: pd.DatetimeIndex) -> pd.DatetimeIndex:
    column = table.find("enrolled_on", ("enrolment_date", "enrolled_date", "accepted_on"))
    if column is None:
        return offered
    days = table.times(column, may_be_empty=True).tz_localize(None).normalize().as_unit("s")
    return days.where(days.notna(), offered)


def after_refusal(offers: pd.DataFrame) -> NDArray[np.bool_]:
    """(m,) offers of a program to a customer who did not enrol on an earlier offer of it.

    Args:
        offers: ``customer_id``, ``program``, ``enrolled``, in order of time.
    """
    refused = (~offers["enrolled"]).astype(np.int64)
    so_far = refused.groupby([offers["customer_id"], offers["program"]], sort=False).cumsum()
    return np.asarray((so_far - refused) > 0, dtype=np.bool_)


def decliners(offers: pd.DataFrame, customer_id: NDArray[Any]) -> dict[str, NDArray[np.bool_]]:
    """Program → (n,) was offered it and never enrolled.

    Args:
        offers: ``customer_id``, ``program``, ``enrolled``.
        customer_id: (n,) customers used.
    """
    ids = pd.Index(customer_id.astype(object))
    found = {}
    for program, rows in offers.groupby("program"):
        took = rows.loc[rows["enrolled"], "customer_id"]
        found[str(program)] = np.asarray(ids.isin(rows["customer_id"]) & ~ids.isin(took), dtype=np.bool_)
    return found
