"""Load that follows the weather: change-point fits of daily load on daily mean temperature.

A home's load is level until it is colder than one temperature or warmer than another, and rises in a straight line from there:
the three-, four- and five-parameter models of Kissock, Haberl and Claridge 2003 (ASHRAE Transactions 109(2)), after Fels 1986
(doi 10.1016/0378-7788(86)90003-4). Days off have a level of their own. Which model, by BIC (Schwarz 1978, doi
10.1214/aos/1176344136), with the number of days that neighbouring days leave independent.
"""

from dataclasses import dataclass, fields
from itertools import product

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Float

HEATING_C = np.arange(4.0, 23.0)
"""Change points tried for heating, daily means [°C]."""
COOLING_C = np.arange(12.0, 29.0)
_PAIR_STEP = 2
_LEAST_DAYS = 20
_LEAST_BEYOND = 5
"""Days beyond a change point that it needs."""
_COLD_C, _WARM_C, _TELLING_DAYS = 14.0, 20.0, 10
"""Days this cold, or warm, that it takes to tell heating, or cooling, from none [°C]."""
Z90 = 1.645
"""Half of a 90 % interval, in standard errors."""
_WIDER = 1.6
"""Slopes' errors × this: homes feel the weather later and by the hour, which a straight line by the day does not know.

Chosen so that intervals hold the truth of nine in ten generated homes.
"""


@dataclass(frozen=True)
class WeatherFit:
    """How the daily load of m customers follows the temperature; NaN where there are too few days."""

    base_kw: Float
    """(m,) mean load on a working day in mild weather [kW]."""
    heating_kw_per_c: Float
    """(m,) more load per degree below the change point; 0 where the load does not follow cold [kW/°C]."""
    heating_kw_per_c_low: Float
    heating_kw_per_c_high: Float
    cooling_kw_per_c: Float
    cooling_kw_per_c_low: Float
    cooling_kw_per_c_high: Float
    change_point_heating_c: Float
    """(m,) daily mean below which the load rises; NaN where it does not [°C]."""
    change_point_cooling_c: Float
    heating_probability: Float
    """(m,) of the models with heating among all, by BIC weights (Raftery 1995, doi 10.2307/271063); NaN without cold days."""
    cooling_probability: Float
    explained: Float
    """(m,) share of the variance between days that the temperature explains."""


def fit_weather(
    daily_kw: Float, temperature_c: NDArray[np.float64], weekend: NDArray[np.bool_], least_share_per_c: float
) -> WeatherFit:
    """Fit all models to all customers, and take the best for each.

    Args:
        daily_kw: (m, days) mean load by day [kW]; NaN where a day is not complete.
        temperature_c: (days,) daily means [°C]; NaN where there is none.
        weekend: (days,) days off.
        least_share_per_c: slopes smaller than this part of the mean load per degree count as none.
    """
    m = len(daily_kw)
    known = np.isfinite(temperature_c)
    seen = np.isfinite(daily_kw) & known
    number = seen.sum(axis=1)
    y = np.where(seen, daily_kw, 0).astype("float64")
    degrees = np.where(known, temperature_c, 0.0)
    off = weekend.astype(float) if 0 < weekend[known].sum() < known.sum() else None
    mean_kw = y.sum(axis=1) / np.maximum(number, 1)
    solver = _Solver(seen.astype("float64"), y, off)
    floor = least_share_per_c * np.maximum(np.abs(mean_kw), 0.02)

    def tried(points: NDArray[np.float64], side: float) -> list[float]:
        return [
            float(point)
            for point in points
            if ((side * (degrees - point) > 0) & known).sum() >= _LEAST_BEYOND
        ]

    cold, warm = tried(HEATING_C, -1.0), tried(COOLING_C, 1.0)
    nothing = solver.fit([])
    models = {"none": _Best(m, nothing)}
    pairs: dict[str, list[tuple[float | None, float | None]]] = {
        "heating": [(low, None) for low in cold],
        "cooling": [(None, high) for high in warm],
        "both": [(low, high) for low, high in product(cold[::_PAIR_STEP], warm[::_PAIR_STEP]) if low <= high],
    }
    for name, columns in pairs.items():
        best = _Best(m)
        for low, high in columns:
            best.try_(solver.fit(_sides(degrees, low, high)), floor, low, high)
        models[name] = best
    return _chosen(models, solver, degrees, number, mean_kw)


def degrees_beyond(
    temperature_c: NDArray[np.float64], heating_c: Float, cooling_c: Float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(m, days) degrees below and above each customer's change points; 0 where a customer has none [°C]."""
    below = np.maximum(heating_c[:, None] - temperature_c[None, :], 0)
    above = np.maximum(temperature_c[None, :] - cooling_c[:, None], 0)
    return np.nan_to_num(below), np.nan_to_num(above)


def _sides(degrees: NDArray[np.float64], low: float | None, high: float | None) -> list[NDArray[np.float64]]:
    below = [np.maximum(low - degrees, 0)] if low is not None else []
    above = [np.maximum(degrees - high, 0)] if high is not None else []
    return below + above


@dataclass(frozen=True)
class _Fit:
    coefficients: NDArray[np.float64]
    """(m, p) level, days off where there are any, slopes."""
    squares: NDArray[np.float64]
    """(m,) sum of squared residuals."""
    slopes: int


class _Solver:
    """Least squares of all customers on the same columns, each on its own days."""

    def __init__(
        self, seen: NDArray[np.float64], y: NDArray[np.float64], off: NDArray[np.float64] | None
    ) -> None:
        self.seen, self.y = seen, y
        self.fixed = [np.ones(seen.shape[1])] + ([off] if off is not None else [])
        self.total = (y**2).sum(axis=1)

    def fit(self, slopes: list[NDArray[np.float64]]) -> _Fit:
        x = np.stack(self.fixed + slopes, axis=1)
        moment = self.y @ x
        solved = np.linalg.solve(self.gram(x), moment[:, :, None])[:, :, 0]
        coefficients = np.asarray(solved, dtype="float64")
        squares = self.total - (coefficients * moment).sum(axis=1)
        return _Fit(coefficients, np.maximum(squares, 1e-9), len(slopes))

    def gram(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m, p, p) of the columns on each customer's days; never quite singular."""
        p = x.shape[1]
        products = (x[:, :, None] * x[:, None, :]).reshape(len(x), p * p)
        gram: NDArray[np.float64] = (self.seen @ products).reshape(-1, p, p) + 1e-6 * np.eye(p)
        return gram


class _Best:
    """The best change points of one model so far, by customer."""

    def __init__(self, m: int, fit: _Fit | None = None) -> None:
        self.squares = fit.squares if fit is not None else np.full(m, np.inf)
        self.heating_c, self.cooling_c = np.full(m, np.nan), np.full(m, np.nan)
        self.slopes = np.zeros((m, 2))

    def try_(self, fit: _Fit, floor: NDArray[np.float64], low: float | None, high: float | None) -> None:
        """Take a fit where it is better, and its slopes rise as they should."""
        slopes = fit.coefficients[:, -fit.slopes :]
        better = (fit.squares < self.squares) & (slopes >= floor[:, None]).all(axis=1)
        self.squares = np.where(better, fit.squares, self.squares)
        for place, point in enumerate((low, high)):
            if point is not None:
                column = slopes[:, 0] if low is None or place == 0 else slopes[:, 1]
                self.slopes[better, place] = column[better]
                (self.heating_c if place == 0 else self.cooling_c)[better] = point


_PARAMETERS = {"none": 0, "heating": 2, "cooling": 2, "both": 4}


def _chosen(
    models: dict[str, _Best],
    solver: _Solver,
    degrees: NDArray[np.float64],
    number: NDArray[np.int64],
    mean_kw: NDArray[np.float64],
) -> WeatherFit:
    names = list(models)
    squares = np.stack([models[name].squares for name in names])
    fullest = np.argmin(squares, axis=0)
    independent = _independent(_residuals(models, names, fullest, solver, degrees), solver.seen, number)
    sizes = np.array([_PARAMETERS[name] for name in names])[:, None] + len(solver.fixed)
    with np.errstate(divide="ignore", invalid="ignore"):
        bic = independent * np.log(squares / np.maximum(number, 1)) + sizes * np.log(
            np.maximum(independent, 2)
        )
    weight = np.exp(-0.5 * (bic - np.nanmin(bic, axis=0)))
    weight /= weight.sum(axis=0)
    chosen = np.argmax(weight, axis=0)
    rows = np.arange(len(chosen))
    heating_c = np.stack([models[name].heating_c for name in names])[chosen, rows]
    cooling_c = np.stack([models[name].cooling_c for name in names])[chosen, rows]
    slopes = np.stack([models[name].slopes for name in names])[chosen, rows]
    best = squares[chosen, rows]
    error, base = _errors(solver, degrees, heating_c, cooling_c, slopes, best, independent)
    enough = number >= _LEAST_DAYS

    def kept(values: NDArray[np.float64]) -> Float:
        return np.where(enough, values, np.nan).astype("float32")

    explained = 1 - best / np.maximum(squares[names.index("none")], 1e-9)
    low, high = np.maximum(slopes - Z90 * error, 0), slopes + Z90 * error
    has = slopes > 0
    # A summer says nothing of heating, a winter nothing of cooling.
    cold = (solver.seen * (degrees < _COLD_C)).sum(axis=1) >= _TELLING_DAYS
    warm = (solver.seen * (degrees > _WARM_C)).sum(axis=1) >= _TELLING_DAYS
    return WeatherFit(
        base_kw=kept(base),
        heating_kw_per_c=kept(slopes[:, 0]),
        heating_kw_per_c_low=kept(np.where(has, low, 0)[:, 0]),
        heating_kw_per_c_high=kept(np.where(has, high, 0)[:, 0]),
        cooling_kw_per_c=kept(slopes[:, 1]),
        cooling_kw_per_c_low=kept(np.where(has, low, 0)[:, 1]),
        cooling_kw_per_c_high=kept(np.where(has, high, 0)[:, 1]),
        change_point_heating_c=kept(heating_c),
        change_point_cooling_c=kept(cooling_c),
        heating_probability=kept(
            np.where(cold, weight[names.index("heating")] + weight[names.index("both")], np.nan)
        ),
        cooling_probability=kept(
            np.where(warm, weight[names.index("cooling")] + weight[names.index("both")], np.nan)
        ),
        explained=kept(explained),
    )


def _residuals(
    models: dict[str, _Best],
    names: list[str],
    which: NDArray[np.int64],
    solver: _Solver,
    degrees: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(m, days) what is left of each customer's load by the model named; 0 on days without readings."""
    rows = np.arange(len(which))
    heating_c = np.stack([models[name].heating_c for name in names])[which, rows]
    cooling_c = np.stack([models[name].cooling_c for name in names])[which, rows]
    x = _columns(solver, degrees, heating_c, cooling_c)
    gram = np.einsum("md,mdp,mdq->mpq", solver.seen, x, x, optimize=True) + 1e-6 * np.eye(x.shape[2])
    moment = np.einsum("md,mdp->mp", solver.y, x, optimize=True)
    coefficients = np.linalg.solve(gram, moment[:, :, None])[:, :, 0]
    fitted = np.einsum("mdp,mp->md", x, coefficients, optimize=True)
    left: NDArray[np.float64] = (solver.y - fitted) * solver.seen
    return left


def _columns(
    solver: _Solver,
    degrees: NDArray[np.float64],
    heating_c: NDArray[np.float64],
    cooling_c: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(m, days, p) level, days off, degrees below and above each customer's own change points."""
    below, above = degrees_beyond(degrees, heating_c.astype("float32"), cooling_c.astype("float32"))
    fixed = [np.broadcast_to(column, below.shape) for column in solver.fixed]
    columns: NDArray[np.float64] = np.stack([*fixed, below, above], axis=2)
    return columns


def _independent(
    left: NDArray[np.float64], seen: NDArray[np.float64], number: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(m,) days that count as independent, given how alike neighbouring days' residuals are."""
    both = seen[:, 1:] * seen[:, :-1]
    variance = (left**2).sum(axis=1) / np.maximum(number, 1)
    together = (left[:, 1:] * left[:, :-1] * both).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    alike = np.clip(together / np.maximum(variance, 1e-12), 0, 0.9)
    independent: NDArray[np.float64] = number * (1 - alike) / (1 + alike)
    return independent


def _errors(
    solver: _Solver,
    degrees: NDArray[np.float64],
    heating_c: NDArray[np.float64],
    cooling_c: NDArray[np.float64],
    slopes: NDArray[np.float64],
    squares: NDArray[np.float64],
    independent: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(m, 2) standard errors of the slopes, and (m,) level on working days in mild weather.

    A change point is estimated too, so its derivative is one of the columns: it widens what is known of the slope.
    """
    x = _columns(solver, degrees, heating_c, cooling_c)
    p = x.shape[2]
    turning = np.stack(
        [slopes[:, :1] * (x[:, :, -2] > 0), -slopes[:, 1:] * (x[:, :, -1] > 0)],
        axis=2,
    )
    gram = np.einsum("md,mdp,mdq->mpq", solver.seen, x, x, optimize=True) + 1e-6 * np.eye(p)
    moment = np.einsum("md,mdp->mp", solver.y, x, optimize=True)
    base = np.linalg.solve(gram, moment[:, :, None])[:, 0, 0]
    wide = np.concatenate([x, turning], axis=2)
    # A ridge of a thousandth of a degree: change points that don't exist have columns of zeros.
    gram = np.einsum("md,mdp,mdq->mpq", solver.seen, wide, wide, optimize=True) + 1e-6 * np.eye(p + 2)
    inverse = np.linalg.inv(gram)
    number = solver.seen.sum(axis=1)
    noise = squares / np.maximum(number - p - 2, 1) * number / np.maximum(independent, 2)
    variance = np.einsum("mpp->mp", inverse)[:, p - 2 : p]
    return _WIDER * np.sqrt(np.maximum(variance * noise[:, None], 0)), base


def merged(parts: list[WeatherFit]) -> WeatherFit:
    """Fits of several groups of customers, one after another."""
    return WeatherFit(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(WeatherFit)
        }
    )
