"""Values of rows that each tell their unit → values in one unit."""

from typing import Any

from reporter.errors import DataError
from reporter.findings import Finding
from reporter.readings.columns import Columns
from reporter.readings.engine import Engine
from reporter.readings.vocabulary import NO_ENERGY, OTHER_GOODS, Unit, plain, unit_of
from reporter.words import counted, was


def in_one_unit(table: Any, columns: Columns, engine: Engine, where: str) -> tuple[Any, Unit, list[Finding]]:
    """The table with all values in one unit, where a column tells the unit of each row."""
    if "unit" not in table.columns:
        return table, columns.unit or "kwh", []
    found = engine.frame(table.group_by("unit").aggregate(n=table.count()))
    told = {
        name: int(n)
        for name, n in zip(found["unit"], found["n"], strict=True)
        if isinstance(name, str) and name
    }
    units = {name: _cell_unit(name) for name in told}
    strange = sorted(name for name, unit in units.items() if unit is None and plain(name) not in NO_ENERGY)
    if any(plain(name) in OTHER_GOODS for name in strange):
        raise DataError(
            f"{where}: the unit '{strange[0]}' is one of gas or water; reporter reads electricity only."
        )
    if strange:
        raise DataError(f"{where}: the unit '{strange[0][:40]}' is not known; give --unit kwh, wh or kw.")
    energy = {name: unit for name, unit in units.items() if unit is not None}
    if not energy:
        if told:
            raise DataError(
                f"{where}: no reading is in a unit of energy or power (found: {', '.join(sorted(told))})."
            )
        return table, columns.unit or "kwh", []
    power = {unit in {"kw", "w"} for unit in energy.values()}
    if len(power) > 1:
        raise DataError(
            f"{where}: some readings are energy and some power ({', '.join(sorted(energy))}); give one of them."
        )
    left = sum(n for name, n in told.items() if name not in energy)
    findings = []
    if left:
        table = table.filter(table.unit.isin(list(energy)))
        names = ", ".join(sorted(set(told) - set(energy)))
        findings.append(
            Finding(
                name="channels-ignored",
                severity="info",
                description=f"{counted(left, 'reading')} in {names} {was(left)} ignored: they are no energy.",
                data={"readings": left},
            )
        )
    factors = {"wh": 1000.0, "w": 1000.0, "mwh": 0.001}
    divisor = table.unit.cases(*((name, factors.get(unit, 1.0)) for name, unit in energy.items()), else_=1.0)
    scaled = {name: table[name] / divisor for name in ("value", "export") if name in table.columns}
    return table.mutate(**scaled), "kw" if power == {True} else "kwh", findings


def _cell_unit(name: str) -> Unit | None:
    return unit_of(name) if plain(name) not in NO_ENERGY | OTHER_GOODS else None
