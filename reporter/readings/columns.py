"""Which column of a table is what: recognised by usual names, or mapped by settings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reporter.errors import DataError
from reporter.readings.intervals import DayColumns, day_columns, preferred
from reporter.readings.vocabulary import (
    CHANNEL,
    CUSTOMER,
    CUSTOMER_WEAK,
    DATE,
    END,
    EXPORT,
    FLAG,
    IMPORT,
    NET,
    PERIOD,
    TIME,
    TIMESTAMP,
    UNITS,
    VALUE,
    Unit,
    plain,
    unit_of,
)
from reporter.settings import ReadingsSettings

__all__ = ["FILENAME", "Columns", "Unit", "recognise"]

Shape = Literal["long", "periods", "days", "customers"]
"""A row a reading; the same with the number of the interval in its day; a row a customer and day; a column a customer."""

FILENAME = "filename"
"""Names no column but the name of the file: one customer a file."""

_CLOCK = re.compile(r"\d[:hT]\d\d|\d\d\d\d$|[ap]\.?m", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """Where in a table each thing stands; names are those of its header."""

    names: tuple[str, ...]
    shape: Shape
    customer: int | None
    """None where each file is one customer."""
    stamp: int
    """The time of a reading, or the date alone where ``time`` or ``period`` has the rest."""
    time: int | None = None
    period: int | None = None
    value: int | None = None
    export: int | None = None
    """Energy that flows the other way, where it has a column of its own; ``value`` is import then."""
    day: DayColumns | None = None
    customers: tuple[int, ...] = ()
    unit: Unit | None = None
    """As the settings or the name of the column say."""
    unit_cells: int | None = None
    channel: int | None = None
    flag: int | None = None
    ends: bool = False
    """Whether the name says that a time ends its interval."""

    def called(self, place: int | None) -> str:
        """The name of a column."""
        return "" if place is None else self.names[place]

    @property
    def utc(self) -> bool:
        """Whether the name of the time says that it is UTC."""
        return plain(self.called(self.stamp)).endswith(("utc", "gmt"))

    @property
    def said(self) -> str:
        """What was taken for what, in words."""
        customer = (
            "each file is one customer"
            if self.customer is None
            else f"customer '{self.called(self.customer)}'"
        )
        beside = self.time if self.time is not None else self.period
        time = f"time '{self.called(self.stamp)}'" + (
            f" with '{self.called(beside)}'" if beside is not None else ""
        )
        if self.shape == "days" and self.day is not None:
            value = f"{len(self.day.places)} columns of a day from '{self.called(self.day.places[0])}'"
        elif self.shape == "customers":
            return f"{time}, {len(self.customers)} columns of a customer each"
        else:
            value = f"value '{self.called(self.value)}'"
        less = f" less '{self.called(self.export)}'" if self.export is not None else ""
        return f"{customer}, {time}, {value}{less}"


def recognise(
    names: Sequence[str],
    settings: ReadingsSettings,
    where: str,
    sample: Sequence[Sequence[str]] = (),
    *,
    one_customer: bool = False,
) -> Columns:
    """Find what stands where among the columns of a table.

    Args:
        names: of the columns.
        settings: what the user mapped.
        where: the file, for messages.
        sample: some first rows, which tell dates from times.
        one_customer: whether the file may do without a column of customers, being of one alone.

    Raises:
        DataError: a column is missing, or several could be meant.
    """
    look = _Look(list(names), settings, where, sample)
    sets = preferred(day_columns(names)) if settings.value_column is None else []
    if sets and look.is_day_table():
        return look.days(sets)
    if look.is_customer_table():
        return look.each_customer()
    return look.long(one_customer=one_customer)


@dataclass(frozen=True)
class _Look:
    names: list[str]
    settings: ReadingsSettings
    where: str
    sample: Sequence[Sequence[str]]

    def long(self, *, one_customer: bool) -> Columns:
        value, export = self.values()
        customer = self.customer(optional=one_customer)
        stamp, time, period, ends = self.time()
        taken = {customer, stamp, time, period, value, export}
        return Columns(
            names=tuple(self.names),
            shape="long" if period is None else "periods",
            customer=customer,
            stamp=stamp,
            time=time,
            period=period,
            value=value,
            export=export,
            unit=self.settings.unit or unit_of(self.names[value]),
            unit_cells=self.only(UNITS, taken) if self.settings.unit is None else None,
            channel=None if export is not None else self.channel(taken),
            flag=self.only(FLAG, taken),
            ends=ends,
        )

    def days(self, sets: list[DayColumns]) -> Columns:
        if len(sets) > 1:
            first = ", ".join(f"those from '{self.names[s.places[0]]}'" for s in sets)
            raise DataError(
                f"{self.where}: several sets of columns could be the intervals of a day ({first}); leave out those that are no energy."
            )
        day = sets[0]
        customer = self.customer()
        stamp = self.mapped(self.settings.timestamp_column, "--timestamp-column")
        if stamp is None:
            stamp = self.pick(DATE | TIMESTAMP, "date", "--timestamp-column")
        taken = {customer, stamp, *day.places}
        return Columns(
            names=tuple(self.names),
            shape="days",
            customer=customer,
            stamp=stamp,
            day=day,
            unit=self.settings.unit or unit_of(self.names[day.places[0]]),
            unit_cells=self.only(UNITS, taken) if self.settings.unit is None else None,
            channel=self.channel(taken),
            flag=self.only(FLAG, taken),
        )

    def each_customer(self) -> Columns:
        stamp, time, _, ends = self.time()
        others = tuple(place for place in range(len(self.names)) if place not in {stamp, time})
        return Columns(
            names=tuple(self.names),
            shape="customers",
            customer=None,
            stamp=stamp,
            time=time,
            customers=others,
            unit=self.settings.unit,
            ends=ends,
        )

    def is_day_table(self) -> bool:
        """Whether the time of a row is a date: with a time of day, numbered columns are customers."""
        if self.settings.timestamp_column in self.names:
            place = self.names.index(str(self.settings.timestamp_column))
        else:
            found = self.found(DATE) or self.found(TIMESTAMP)
            if not found:
                return False
            place = found[0]
        cells = {row[place].strip() for row in self.sample if place < len(row)}
        midnight = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
        return all(
            not _CLOCK.search(midnight.sub("", re.sub(r"^\d{8}$", "", cell))) or _is_date(cell)
            for cell in cells
        )

    def is_customer_table(self) -> bool:
        """Whether there is a time and, beside it, nothing but columns of numbers that no usual name explains."""
        given = self.settings.customer_column or self.settings.value_column
        times = self.found(TIMESTAMP | DATE | END | TIME)
        mapped = self.settings.timestamp_column
        if given or not (times or mapped in self.names) or self.found(CUSTOMER | VALUE | IMPORT | EXPORT):
            return False
        own = {self.names.index(str(mapped))} if mapped in self.names else set(times)
        others = [place for place in range(len(self.names)) if place not in own]
        rows = [row for row in self.sample if len(row) == len(self.names)]
        return len(others) > 1 and bool(rows) and all(_numeric(row[p]) for row in rows[:20] for p in others)

    def customer(self, *, optional: bool = False) -> int | None:
        if self.settings.customer_column == FILENAME and FILENAME not in self.names:
            return None
        mapped = self.mapped(self.settings.customer_column, "--customer-column")
        if mapped is not None:
            return mapped
        usual = CUSTOMER if self.found(CUSTOMER) else CUSTOMER | CUSTOMER_WEAK
        if optional and not self.found(usual):
            return None
        return self.pick(
            usual, "customer", "--customer-column", f", or give '{FILENAME}' where each file is one customer"
        )

    def time(self) -> tuple[int, int | None, int | None, bool]:
        """Place of the stamp (or date), of a time of day, of a number of the interval, and whether times are ends."""
        mapped = self.settings.timestamp_column
        if mapped is not None and mapped not in self.names and " + " in mapped:
            parts = [self.mapped(part.strip(), "--timestamp-column") for part in mapped.split(" + ", 1)]
            date, time = (place for place in parts if place is not None)
            counts = plain(self.names[time]) in PERIOD and not self.clock(time)
            return (date, None, time, False) if counts else (date, time, None, False)
        place = self.mapped(mapped, "--timestamp-column")
        if place is not None:
            return place, None, None, plain(self.names[place]) in END
        dates = self.found(DATE)
        if len(dates) == 1 and not self.clock(dates[0]):
            times = [p for p in self.found(TIME) if p not in dates]
            if len(times) == 1:
                return dates[0], times[0], None, False
            periods = self.found(PERIOD)
            if not times and len(periods) == 1:
                if self.clock(periods[0]):
                    return dates[0], periods[0], None, plain(self.names[periods[0]]) in END
                return dates[0], None, periods[0], False
        stamps = self.found(TIMESTAMP)
        if not stamps and len(self.found(END)) == 1:
            return self.found(END)[0], None, None, True
        if stamps:
            return self.pick(TIMESTAMP, "time", "--timestamp-column"), None, None, False
        return self.pick(TIMESTAMP | DATE | {"time"}, "time", "--timestamp-column"), None, None, False

    def values(self) -> tuple[int, int | None]:
        """Place of the value, or of import and of export."""
        mapped = self.settings.value_column
        if mapped is not None and mapped not in self.names and " - " in mapped:
            both = [self.mapped(part.strip(), "--value-column") for part in mapped.split(" - ", 1)]
            imports, exports = (place for place in both if place is not None)
            return imports, exports
        place = self.mapped(mapped, "--value-column")
        if place is not None:
            return place, None
        inwards, outwards, nets = self.found(IMPORT), self.found(EXPORT), self.found(NET)
        others = [p for p in self.found(VALUE) if p not in {*inwards, *nets}]
        if len(inwards) == 1 and len(outwards) == 1 and not others:
            return inwards[0], outwards[0]
        every = sorted({*inwards, *outwards, *nets, *others})
        if len(every) == 1 and not outwards:
            return every[0], None
        more = ", or give two as 'IMPORT - EXPORT'" if outwards else ""
        return self.choose([] if every == outwards else every, "energy", "--value-column", more), None

    def channel(self, taken: set[int | None]) -> int | None:
        mapped = self.mapped(self.settings.channel_column, "--channel-column")
        return mapped if mapped is not None else self.only(CHANNEL, taken)

    def only(self, usual: set[str], taken: set[int | None]) -> int | None:
        """The one column of a usual name, where there is just one."""
        found = [place for place in self.found(usual) if place not in taken]
        return found[0] if len(found) == 1 else None

    def found(self, usual: set[str]) -> list[int]:
        named = [place for place, name in enumerate(self.names) if _usual(name, usual)]
        if not named and "timestamp" in usual and self.names[0] == "" and self.stamped(0):
            return [0]  # the index of a table, saved without a name
        return named

    def stamped(self, place: int) -> bool:
        """Whether cells of a column hold dates with a time."""
        cells = [row[place].strip() for row in self.sample if place < len(row)]
        return bool(cells) and all(
            re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T]\d{1,2}:\d\d", c) for c in cells
        )

    def headless(self) -> bool:
        """Whether the names are a reading: a time and a number among them."""
        dated = any(re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]|$)", name.strip()) for name in self.names)
        return dated and any(name.strip() and _numeric(name) for name in self.names)

    def clock(self, place: int) -> bool:
        """Whether cells of a column hold a time of day."""
        cells = [row[place].strip() for row in self.sample if place < len(row)]
        return any(re.search(r"\d:\d\d|\d[ap]m|\d [ap]m", cell, re.IGNORECASE) for cell in cells)

    def mapped(self, name: str | None, flag: str) -> int | None:
        if name is None:
            return None
        if name in self.names:
            return self.names.index(name)
        raise DataError(
            f"{self.where}: there is no column '{name}' (found: {self.listed()}); correct {flag}."
        )

    def pick(self, usual: set[str], role: str, flag: str, more: str = "") -> int:
        return self.choose(self.found(usual), role, flag, more)

    def choose(self, found: list[int], role: str, flag: str, more: str = "") -> int:
        if len(found) == 1:
            return found[0]
        if not found and self.headless():
            raise DataError(
                f"{self.where}: its first line holds a reading, not names of columns; add a first line with the names, such as "
                "customer_id,timestamp,kwh."
            )
        if not found:
            raise DataError(
                f"{self.where}: no {role} column was recognised (found: {self.listed()}); name it with {flag}{more}."
            )
        raise DataError(
            f"{self.where}: several columns could be the {role} ({', '.join(self.names[p] for p in found)}); "
            f"choose one with {flag}{more}."
        )

    def listed(self) -> str:
        shown = ", ".join(_short(name) for name in self.names[:12])
        return shown + (", …" if len(self.names) > 12 else "")


def _usual(name: str, usual: set[str]) -> bool:
    """Whether a name is a usual one, as it stands or but for the unit in brackets."""
    bare = plain(re.sub(r"[(\[].*?[)\]]", "", name))
    return plain(name) in usual or bare in usual or re.sub(r"(?<=.)(utc|gmt)$", "", bare) in usual


def _is_date(cell: str) -> bool:
    numbers = r"\d{8}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    named = r"[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|\d{1,2}[- ]?[A-Za-z]{3,9}[- ]?\d{2,4}"
    return bool(re.fullmatch(f"{numbers}|{named}", cell))


def _numeric(cell: str) -> bool:
    return not cell.strip() or bool(
        re.fullmatch(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?|nan|na|null", cell.strip(), re.IGNORECASE)
    )


def _short(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= 40 else f"{line[:40]}…"
