"""Which column of a long table is what: recognised by usual names, or mapped by settings."""

import re
from dataclasses import dataclass
from typing import Literal

from reporter.errors import DataError
from reporter.settings import ReadingsSettings

Unit = Literal["kwh", "wh", "kw"]

_CUSTOMER = {
    "customerid", "customer", "custid", "meterid", "meter", "meternumber", "meterno", "lclid", "usagepoint", "usagepointid",
    "servicepoint", "servicepointid", "nmi", "mpan", "esiid", "accountid", "account", "accountnumber", "householdid",
    "household", "premiseid", "premise", "siteid",
}  # fmt: skip
_TIMESTAMP = {
    "timestamp", "datetime", "datetimeutc", "dateandtime", "tstamp", "time", "start", "starttime", "intervalstart",
    "intervalstarttime", "readingtime", "readdatetime", "readingdatetime", "intervalend", "end", "endtime", "ts", "stamp",
}  # fmt: skip
_VALUE = {
    "kwh", "wh", "kw", "value", "energy", "energykwh", "energywh", "usage", "usagekwh", "consumption", "consumptionkwh",
    "reading", "readingkwh", "importkwh", "kwhhh", "kwhhhperhalfhour", "power", "powerkw", "loadkw", "kwhinterval",
}  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """The three columns of a long table, and the unit of the value."""

    customer: str
    timestamp: str
    value: str
    unit: Unit


def recognise(names: list[str], settings: ReadingsSettings, where: str) -> Columns:
    """Find customer, timestamp and value among the column names of a table.

    Raises:
        DataError: a column is missing, or several could be meant.
    """
    value = _pick(names, settings.value_column, _VALUE, "energy", "--value-column", where)
    return Columns(
        customer=_pick(names, settings.customer_column, _CUSTOMER, "customer", "--customer-column", where),
        timestamp=_pick(names, settings.timestamp_column, _TIMESTAMP, "time", "--timestamp-column", where),
        value=value,
        unit=settings.unit or _unit(value),
    )


def _pick(names: list[str], mapped: str | None, usual: set[str], role: str, flag: str, where: str) -> str:
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    if mapped is not None:
        if mapped in names:
            return mapped
        raise DataError(f"{where}: there is no column '{mapped}' (found: {listed}); correct {flag}.")
    found = [name for name in names if _plain(name) in usual]
    if len(found) == 1:
        return found[0]
    if not found:
        raise DataError(f"{where}: no {role} column was recognised (found: {listed}); name it with {flag}.")
    raise DataError(
        f"{where}: several columns could be the {role} ({', '.join(found)}); choose one with {flag}."
    )


def _unit(name: str) -> Unit:
    plain = _plain(name)
    if "kwh" in plain:
        return "kwh"
    if plain == "wh" or plain.endswith("wh"):
        return "wh"
    if plain.endswith("kw"):
        return "kw"
    return "kwh"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
