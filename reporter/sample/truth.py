"""What is really so in a period, added up day by day: the truth about each customer, and the load of the system."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reporter.sample.grid import METERS, other_load_mw
from reporter.sample.periods import CHANGE_NAMES, FAULT_NAMES
from reporter.sample.population import HOUSEHOLD_NAMES
from reporter.sample.readings import Day, Scene


class Tally:
    """Counts the readings of a period as they are made."""

    def __init__(self, scene: Scene) -> None:
        n = len(scene.period.population)
        self._scene = scene
        names = ("expected", "missing", "duplicates", "conflicts", "import_wh", "export_wh")
        self._sums: dict[str, NDArray[np.int64]] = {name: np.zeros(n, dtype=np.int64) for name in names}
        self._load: list[NDArray[np.float64]] = []
        self._sound = ~scene.period.has_fault("stuck-meter", "zero-meter")

    def add(self, day: Day) -> None:
        """Count one day's readings."""
        sums = self._sums
        intervals, n = day.copies.shape
        there = day.copies > 0
        sums["expected"] += intervals * day.in_service
        sums["missing"] += (intervals - there.sum(axis=0)) * day.in_service
        sums["duplicates"] += (day.copies == 2).sum(axis=0)
        sums["conflicts"] += np.bincount(day.conflict_cells % n, minlength=n)
        used = day.watt_hours * there
        total = used.sum(axis=0, dtype=np.int64)
        export = -np.minimum(used, 0).sum(axis=0, dtype=np.int64)
        sums["import_wh"] += total + export
        sums["export_wh"] += export
        self._load.append(self._system_mw(day))

    def system_load_mw(self) -> NDArray[np.float64]:
        """(t,) load of the whole system by hour [MW]: the sample scaled to all homes, and what else there is."""
        return np.concatenate(self._load)

    def truth(self) -> pa.Table:
        """One row a customer, in the order of the ids."""
        period, sums = self._scene.period, self._sums
        population = period.population
        start = np.datetime64(period.start, "D")
        home_kw = population.used_kw()
        cooled, heated = population.cooling_per_c > 0, population.heating_per_c > 0
        return pa.table(
            {
                "customer_id": population.customer_id,
                "period": [period.label] * len(population),
                "shape_class": population.classes(),
                "household": np.asarray(HOUSEHOLD_NAMES)[population.household],
                "change": np.asarray(CHANGE_NAMES)[period.change],
                "data_fault": [FAULT_NAMES[fault] for fault in period.fault],
                "first_day": start + period.first_day,
                "last_day": start + period.last_day,
                "home_kw": _decimals(home_kw),
                "ev_kw": _decimals(population.ev_kw * population.has_ev),
                "ev_kwh_per_day": _decimals(population.ev_kwh_per_day * population.has_ev),
                "solar_kw": _decimals(population.solar_kw * population.has_solar),
                "cooling_kw_per_c": _decimals(population.cooling_per_c * home_kw, 4),
                "cooling_from_c": _where(cooled, population.cooling_from_c),
                "heating_kw_per_c": _decimals(population.heating_per_c * home_kw, 4),
                "heating_below_c": _where(heated, population.heating_below_c),
                "water_heating_kwh_per_day": _decimals(24 * population.water_share * home_kw),
                "readings": sums["expected"] - sums["missing"],
                "missing": sums["missing"],
                "duplicates": sums["duplicates"],
                "conflicts": sums["conflicts"],
                "import_kwh": sums["import_wh"] / 1000,
                "export_kwh": sums["export_wh"] / 1000,
            }
        )

    def _system_mw(self, day: Day) -> NDArray[np.float64]:
        scene = self._scene
        counted = day.in_service & self._sound
        hourly = day.watt_hours.reshape(len(day.clock.hour), -1, day.watt_hours.shape[1]).sum(
            axis=1, dtype=np.int64
        )
        mean_kw = (hourly * counted).sum(axis=1) / max(int(counted.sum()), 1) / 1000
        other = other_load_mw(day.clock, scene.weather.felt_on(day.number), scene.seed)
        return np.asarray(mean_kw * METERS / 1000 + other)


def _decimals(values: NDArray[np.float32], digits: int = 3) -> NDArray[np.float64]:
    return np.asarray(np.round(values.astype(np.float64), digits))


def _where(there: NDArray[np.bool_], values: NDArray[np.float32]) -> pa.Array:
    return pa.array(_decimals(values, 2), mask=~there)
