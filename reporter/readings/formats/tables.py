"""Sheets of cells → readings, whatever the shape of the table: long, a row a day, or a column a customer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import ibis

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.columns import Columns, recognise
from reporter.readings.engine import Engine
from reporter.readings.formats import channels, days, numbers, quality, stamps, units
from reporter.readings.formats.base import Read, Sheet
from reporter.settings import ReadingsSettings
from reporter.words import counted

_AT_ONCE = 500
"""Columns that are turned into rows at a time: the more, the more memory a batch of rows takes."""

_TEXTS = ("stamp_text", "value_text", "export_text")


@dataclass(frozen=True)
class _Forms:
    """How times and numbers are written."""

    times: stamps.Form
    order: stamps.Order | None
    decimal: numbers.Decimal | None


def read(sheets: list[Sheet], engine: Engine, settings: ReadingsSettings) -> Read:
    """All sheets as one table of readings.

    Raises:
        DataError: a column is missing, or a time or a number can't be read; the place is named.
    """
    layouts = [(sheet, columns) for sheet, columns in zip(sheets, _layouts(sheets, settings), strict=True)]
    columns = layouts[0][1]
    cells = ibis.union(*(_cells(sheet, layout) for sheet, layout in layouts))
    text = any(name in cells.columns for name in _TEXTS)
    forms = _forms(layouts, settings)
    aware = forms.times.aware if "stamp_text" in cells.columns else _aware(layouts)
    if (
        text
        or columns.shape in {"days", "periods"}
        or columns.channel is not None
        or columns.unit_cells is not None
    ):
        cells = cells.mutate(customer_id=_text(cells.customer_id))
        table = _Texts(layouts, engine, settings).stored(cells, forms)
    else:
        table = cells.mutate(stamp=stamps.dated(cells.stamp))
    findings = [_recognised(layouts)]
    if columns.shape in {"days", "periods"}:
        table, more = days.placed(table, columns, engine, settings, str(sheets[0].files[0]))
        findings += more
    table, unit, more = units.in_one_unit(table, columns, engine, str(sheets[0].files[0]))
    findings += more
    netted = 0
    if "flag" in table.columns:
        table, more = quality.flagged(table, engine)
        findings += more
    if columns.export is not None or columns.channel is not None:
        table, netted, more = channels.netted(table, columns, engine, settings, str(sheets[0].files[0]))
        findings += more
    kept = [
        name for name in ("customer_id", "stamp", "value", "export", "estimated") if name in table.columns
    ]
    return Read(
        table=table.select(*kept),
        unit=unit,
        aware=aware,
        findings=findings,
        netted=netted,
        source_timezone="+00:00" if columns.utc and not aware else None,
        stamps=_stamps(columns, settings),
    )


def _stamps(columns: Columns, settings: ReadingsSettings) -> Literal["start", "end"] | None:
    """What the columns settle: their places are those of starts, and a name may say that it is an end, unless the user says otherwise."""
    if columns.shape in {"days", "periods"}:
        return "start"
    return "end" if columns.ends and settings.stamps is None else None


def _layouts(sheets: list[Sheet], settings: ReadingsSettings) -> list[Columns]:
    """The columns of each sheet: all of one shape, and in long tables all of one set of names."""
    first = _columns(sheets[0], settings)
    result = [first]
    for sheet in sheets[1:]:
        if first.shape in {"long", "periods"}:
            result.append(_same(first, sheet, sheets[0]))
            continue
        other = _columns(sheet, settings)
        if other.shape != first.shape or (first.day and other.day and first.day.per_day != other.day.per_day):
            raise DataError(
                f"{sheet.files[0]} has another layout than {sheets[0].files[0]}; give files of one layout at a time."
            )
        result.append(other)
    return result


def _columns(sheet: Sheet, settings: ReadingsSettings) -> Columns:
    return recognise(
        sheet.names, settings, str(sheet.files[0]), sheet.sample, one_customer=bool(sheet.customers)
    )


def _same(first: Columns, sheet: Sheet, other: Sheet) -> Columns:
    """The columns of the first sheet, where they stand in another one."""
    places: dict[str, Any] = {}
    for role in ("customer", "stamp", "time", "period", "value", "export", "unit_cells", "channel", "flag"):
        place = getattr(first, role)
        if place is None:
            continue
        name = first.names[place]
        if name not in sheet.names:
            raise DataError(
                f"{sheet.files[0]}: column '{name}' is missing, which {other.files[0]} has; give files of one layout."
            )
        places[role] = sheet.names.index(name)
    return replace(first, names=sheet.names, **places)


def _cells(sheet: Sheet, columns: Columns) -> Any:
    """The cells that count: customer_id, stamp or stamp_text, value or value_text, and what stands beside them."""
    if columns.shape == "customers":
        return ibis.union(*_by_customer(sheet, columns))
    fixed = _customer(sheet, columns) | _times(sheet, columns) | _beside(sheet, columns)
    if columns.day is not None:
        return ibis.union(*_by_interval(sheet, columns, fixed))
    return sheet.table.select(
        **fixed,
        **_value(sheet, columns.value, "value"),
        **(_value(sheet, columns.export, "export") if columns.export is not None else {}),
    )


def _by_customer(sheet: Sheet, columns: Columns) -> Iterator[Any]:
    """A column a customer, turned into rows."""
    for start in range(0, len(columns.customers), _AT_ONCE):
        places = columns.customers[start : start + _AT_ONCE]
        values = [_value(sheet, place, "value") for place in places]
        yield sheet.table.select(
            customer_id=ibis.array([columns.names[place] for place in places]).unnest(),
            **_times(sheet, columns),
            **_unnested(values),
        )


def _by_interval(sheet: Sheet, columns: Columns, fixed: dict[str, Any]) -> Iterator[Any]:
    """A row a day, turned into a row a reading; an empty cell is no reading."""
    assert columns.day is not None
    values = [_value(sheet, place, "value") for place in columns.day.places]
    ordinals = ibis.array([ibis.literal(o, type="int16") for o in columns.day.ordinals]).unnest()
    table = sheet.table.select(**fixed, ordinal=ordinals, **_unnested(values))
    value = table.value_text if "value_text" in table.columns else table.value
    yield table.filter(value.notnull())


def _unnested(values: list[dict[str, Any]]) -> dict[str, Any]:
    """One column of the values of many; as text where any of them is."""
    name = "value_text" if any("value_text" in value for value in values) else "value"
    cells = [next(iter(value.values())) for value in values]
    if name == "value_text":
        cells = [cell.cast("string") for cell in cells]
    return {name: ibis.array(cells).unnest()}


def _customer(sheet: Sheet, columns: Columns) -> dict[str, Any]:
    if columns.customer is None:
        return {"customer_id": sheet.table.filename.cases(*sheet.customers.items(), else_=None)}
    customer = sheet.column(columns.customer)
    if customer.type().is_floating():
        # Whole numbers become floating where one is missing; their ids are whole all the same.
        customer = ibis.ifelse(
            customer == customer.round(), customer.try_cast("int64").cast("string"), customer.cast("string")
        )
    # Tables that are read where they are keep their ids as they stand: spaces go where ids become numbers, once an id.
    return {"customer_id": customer.cast("string")}


def _times(sheet: Sheet, columns: Columns) -> dict[str, Any]:
    """The time of a row, as a time where the table has times."""
    stamp = sheet.column(columns.stamp)
    kind = stamp.type()
    if columns.time is not None:
        date = stamp.date().cast("string") if kind.is_timestamp() else stamp.cast("string").strip()
        return {"stamp_text": date + " " + sheet.column(columns.time).cast("string").strip()}
    if kind.is_timestamp() or kind.is_date():
        return {"stamp": _clock(stamp)}
    return {"stamp_text": stamp.cast("string").strip()}


def _clock(stamp: Any) -> Any:
    """Without a zone: by the clock of the stamps, or in UTC where they carry a zone."""
    if stamp.type().is_timestamp() and stamp.type().timezone is not None:
        stamp = stamp.cast("timestamp('UTC')")
    return stamp.cast("timestamp")


def _value(sheet: Sheet, place: int | None, name: str) -> dict[str, Any]:
    assert place is not None
    column = sheet.column(place)
    if column.type().is_numeric():
        return {name: column.cast("float64")}
    return {f"{name}_text": _text(column)}


def _beside(sheet: Sheet, columns: Columns) -> dict[str, Any]:
    """Number of the interval, unit, channel and flag, where there are such columns."""
    found = {}
    if columns.period is not None:
        found["period_text"] = sheet.column(columns.period).cast("string").strip()
    for name, place in (("unit", columns.unit_cells), ("channel", columns.channel), ("flag", columns.flag)):
        if place is not None:
            found[name] = sheet.column(place).cast("string").strip().lower()
    return found


def _text(column: Any) -> Any:
    return column.cast("string").strip().nullif("")


def _aware(layouts: list[tuple[Sheet, Columns]]) -> bool:
    """Whether the times carry a zone, in all sheets or in none."""
    aware = [
        getattr(sheet.column(columns.stamp).type(), "timezone", None) is not None
        for sheet, columns in layouts
    ]
    if any(aware) and not all(aware):
        zoned, naive = layouts[aware.index(True)], layouts[aware.index(False)]
        raise DataError(
            f"{zoned[0].files[0]} has a time zone in '{zoned[1].called(zoned[1].stamp)}' and {naive[0].files[0]} has none; "
            "write all times on one clock."
        )
    return aware[0]


def _forms(layouts: list[tuple[Sheet, Columns]], settings: ReadingsSettings) -> _Forms:
    times: list[str] = []
    values: list[str] = []
    for sheet, columns in layouts:
        places = columns.customers or (columns.day.places if columns.day else (columns.value,))
        for row in sheet.sample:
            if len(row) == len(sheet.names):
                beside = f" {row[columns.time].strip()}" if columns.time is not None else ""
                times.append(row[columns.stamp].strip() + beside)
                values += [row[place] for place in places[:100] if place is not None]
    how = stamps.form(times)
    order: stamps.Order | None = "ymd" if how.family != "numbers" else settings.date_order
    return _Forms(how, order, settings.decimal or numbers.decimal(values))


class _Texts:
    """Turns text into times and numbers, once, and says where a cell can't be read."""

    def __init__(
        self, layouts: list[tuple[Sheet, Columns]], engine: Engine, settings: ReadingsSettings
    ) -> None:
        self.layouts = layouts
        self.engine = engine
        self.settings = settings
        self.where = str(layouts[0][0].files[0])

    def stored(self, cells: Any, forms: _Forms) -> Any:
        """The cells with stamp and value, in a temporary file; what can't be read is refused."""
        table = self.engine.store(cells.select(**self._parsed(cells, forms)), "readings")
        counts = self._counts(table)
        if counts["rows"] == 0:
            raise DataError(
                f"{self.where}: there is a header but no reading; export it again or leave it out."
            )
        if counts.get("comma") and forms.decimal is None:
            # Some lines down, numbers turn out to have decimal commas: once more, then.
            return self.stored(cells, replace(forms, decimal=","))
        self._refuse_values(counts)
        order = self._order(counts, forms)
        self._refuse_stamps(counts, order)
        name = f"stamp_{order}"
        return table.mutate(stamp=table[name if name in table.columns else "stamp"])

    def _parsed(self, cells: Any, forms: _Forms) -> dict[str, Any]:
        kept = {
            name: cells[name]
            for name in ("customer_id", "ordinal", "period_text", "unit", "channel", "flag")
            if name in cells.columns
        }
        if "stamp_text" in cells.columns:
            orders: tuple[stamps.Order, ...] = ("dmy", "mdy") if forms.order is None else (forms.order,)
            found = [stamps.parsed(cells.stamp_text, forms.times, order) for order in orders]
            names = ["stamp_dmy", "stamp_mdy"] if len(orders) > 1 else ["stamp"]
            kept |= dict(zip(names, found, strict=True))
            for name, stamp in zip(names, found, strict=True):
                kept[name.replace("stamp", "broken")] = ibis.ifelse(stamp.isnull(), cells.stamp_text, None)
            kept["other_clock"] = stamps.other_clock(cells.stamp_text, forms.times)
        else:
            kept["stamp"] = stamps.dated(cells.stamp)
        for name in ("value", "export"):
            if f"{name}_text" in cells.columns:
                kept |= _number(cells[f"{name}_text"], name, forms.decimal)
            elif name in cells.columns:
                kept[name] = cells[name]
        return kept

    def _counts(self, table: Any) -> dict[str, Any]:
        wanted = {"rows": table.count()}
        for name in table.columns:
            if name.startswith("broken") or name == "other_clock":
                wanted[name] = table[name].min()
            if name.startswith("stamp"):
                wanted[f"missing_{name}"] = table[name].isnull().sum()
            if name.startswith("broken_") and name in {"broken_value", "broken_export"}:
                wanted["comma"] = wanted.get("comma", ibis.literal(False)) | numbers.is_comma(
                    table[name]
                ).any().fill_null(False)
                wanted["either"] = wanted.get("either", ibis.literal(False)) | numbers.is_either(
                    table[name]
                ).any().fill_null(False)
        return dict(self.engine.frame(table.aggregate(**wanted)).iloc[0])

    def _order(self, counts: dict[str, Any], forms: _Forms) -> stamps.Order | None:
        """Which number of a date is the day: the data show it where one of them is beyond 12."""
        if "stamp_text" not in counts and "missing_stamp_dmy" not in counts:
            return forms.order
        day, month = int(counts["missing_stamp_dmy"]), int(counts["missing_stamp_mdy"])
        if day == 0 and month == 0:
            if "." in forms.times.like.split(" ")[0]:
                return "dmy"  # nobody writes months first with points
            sheet, columns = self.layouts[0]
            raise DataError(
                f"{sheet.files[0]}: '{_short(forms.times.like)}' in column '{columns.called(columns.stamp)}' could have the day first "
                "or the month; say which with --date-order dmy or mdy."
            )
        return "dmy" if day <= month else "mdy"

    def _refuse_values(self, counts: dict[str, Any]) -> None:
        for name in ("value", "export"):
            text = counts.get(f"broken_{name}")
            if not isinstance(text, str):
                continue
            where, column = self._find(name, text)
            if counts.get("either") and numbers.could_be_either(text):
                raise DataError(
                    f"{where}: '{_short(text)}' in column '{column}' could have a decimal comma or one between thousands; "
                    "say which with --decimal ',' or '.'."
                )
            raise DataError(
                f"{where}: '{_short(text)}' in column '{column}' is no number; mend it or leave the cell empty."
            )

    def _refuse_stamps(self, counts: dict[str, Any], order: stamps.Order | None) -> None:
        name = f"_{order}" if "missing_stamp" not in counts else ""
        text = counts.get(f"broken{name}")
        if counts[f"missing_stamp{name}"] and f"broken{name}" in counts:
            text = text if isinstance(text, str) else ""
            where, column = self._find("stamp", text)
            raise DataError(
                f"{where}: '{_short(text)}' in column '{column}' is no time that reporter reads; "
                "write times as 2026-07-01 00:30 or 2026-07-01T00:30+02:00."
            )
        clock = counts.get("other_clock")
        if isinstance(clock, str):
            where, _ = self._find("stamp", clock)
            aware = stamps.form([clock]).aware
            has, first = ("an offset from UTC", "has none") if aware else ("no offset from UTC", "has one")
            raise DataError(
                f"{where}: the time '{_short(clock)}' has {has}, but the first {first}; write all times on one clock."
            )

    def _find(self, role: str, text: str) -> tuple[str, str]:
        """File and line of the first cell with that text, and the name of its column."""
        for sheet, columns in self.layouts:
            for place in _places(columns, role):
                shown = text.split(" ")[0] if role == "stamp" and columns.time is not None else text
                where = sheet.locate(place, shown)
                if where:
                    return where, columns.called(place)
        sheet, columns = self.layouts[0]
        return str(sheet.files[0]), columns.called(next(iter(_places(columns, role))))


def _places(columns: Columns, role: str) -> Sequence[int]:
    if role == "stamp":
        return [columns.stamp]
    if role == "export":
        return [columns.export] if columns.export is not None else []
    if columns.day is not None:
        return columns.day.places
    return columns.customers or [columns.value or 0]


def _number(text: Any, name: str, sign: numbers.Decimal | None) -> dict[str, Any]:
    """A number, and the text where it is none."""
    value = numbers.parsed(text, sign)
    # An empty cell is a missing reading; text that is no number is a broken file.
    broken = value.isnull() & ~text.lower().isin(numbers.EMPTY)
    return {name: value, f"broken_{name}": ibis.ifelse(broken, text, None)}


def _recognised(layouts: list[tuple[Sheet, Columns]]) -> Finding:
    columns = layouts[0][1]
    files = sum(len(s.files) for s, _ in layouts)
    return Finding(
        name="columns-recognised",
        severity="info",
        description=f"Read in {counted(files, 'file')}: {columns.said}.",
        data={"shape": columns.shape, "files": files},
    )


def _short(text: str) -> str:
    """A cell for a message: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:60]}…"
