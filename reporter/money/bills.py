"""What a tariff does to customers' bills: who gains, who loses, who needs protection; by segment and by declared group.

A bill is worked out from a customer's mean load by kind of day and hour, for a month of mean length of the period. Energy prices by
the clock are exact in this; what it can't see is said in ``Bills.limits``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.money.rows import BillGroup, Bills
from reporter.money.tariff import Rate, Tariff, Year, bill, prices
from reporter.profiles import Profiles
from reporter.segments import Segmentation
from reporter.settings import MoneySettings

Float = NDArray[np.float64]
Z80 = 1.2815515655446004
"""Standard deviations on either side that hold eight of ten, where values are normal."""
Groups = Sequence[tuple[str, str, NDArray[np.bool_]]]
"""Column, value, (n,) who has it."""


def month_energy(profiles: Profiles, year: Year) -> Float:
    """(n, 2, 24) energy of a mean month by kind of day and hour [kWh]; an hour without a reading counts with the mean day's."""
    load = np.stack([profiles.weekday_kw, profiles.weekend_kw], axis=1).astype(np.float64)
    load = np.where(np.isfinite(load), load, profiles.profile_kw[:, None, :])
    return np.asarray(np.nan_to_num(load) * year.days_a_month[None, :, None])


@dataclass(frozen=True)
class MonthBills:
    """The bills of each of n customers, of a month of mean length."""

    year: Year
    energy: Float
    """(n, 2, 24) by kind of day and hour [kWh]."""
    now: Float
    """(n,) under the current tariff, in the tariff's currency."""
    then: Float | None
    """(n,) under the proposed one; none where the file has none."""


def month_bills(tariff: Tariff, profiles: Profiles) -> MonthBills:
    """What each customer pays a month, now and under the other tariff."""
    year = Year.of(profiles.daily.dates, profiles.daily.weekend)
    energy = month_energy(profiles, year)
    then = bill(tariff.proposed, energy, year) if tariff.proposed is not None else None
    return MonthBills(year, energy, bill(tariff.current, energy, year), then)


def bills(
    tariff: Tariff,
    each: MonthBills,
    profiles: Profiles,
    segmentation: Segmentation,
    groups: Groups,
    wanted: MoneySettings,
    shift_share: float | None,
    *,
    by_moments: bool = False,
) -> Bills:
    """The bills of the customers used, now and under the other tariff.

    Args:
        tariff: of the file.
        each: of the customers, by this tariff.
        profiles: of the n customers.
        segmentation: of the same.
        groups: by declared attributes.
        wanted: what counts as a loss, and as a hard one.
        shift_share: part of the load in the dearest hours that a published effect says is moved, or ``None``.
        by_moments: percentiles from mean and standard deviation, so that none is a single customer's change.
    """
    year, energy, now, then = each.year, each.energy, each.now, each.then
    dear, gap = _dear(tariff.proposed, energy, year)

    def group(column: str, value: str, rows: NDArray[np.bool_]) -> BillGroup:
        found = BillGroup(
            column=column,
            value=value,
            customers=int(rows.sum()),
            now=float(now[rows].mean()),
            month_kwh=float(energy[rows].sum(axis=(1, 2)).mean()),
        )
        if then is None:
            return found
        change = then[rows] - now[rows]
        worth = np.maximum(np.abs(now[rows]), 1e-9)
        relative = change / worth
        mean, spread = float(change.mean()), float(change.std())
        low, high = (
            (mean - Z80 * spread, mean + Z80 * spread)
            if by_moments
            else (float(np.quantile(change, 0.1)), float(np.quantile(change, 0.9)))
        )
        movable = float(dear[rows].mean()) * gap
        return found.model_copy(
            update={
                "then": float(then[rows].mean()),
                "change": float(change.mean()),
                "change_low": low,
                "change_high": high,
                "gain_share": float((relative < -wanted.even).mean()),
                "lose_share": float((relative > wanted.even).mean()),
                "hard_share": float((relative > wanted.hard).mean()),
                "shift_to_even": float(change.mean()) / movable
                if movable > 0 and change.mean() > 0
                else None,
                "change_shifted": float(change.mean()) - shift_share * movable
                if shift_share is not None and gap > 0
                else None,
            }
        )

    return Bills(
        currency=tariff.currency,
        note=tariff.note,
        current=tariff.current.name,
        current_kind=tariff.current.kind,
        proposed=tariff.proposed.name if tariff.proposed else None,
        proposed_kind=tariff.proposed.kind if tariff.proposed else None,
        even=wanted.even,
        hard=wanted.hard,
        shift_share=shift_share if gap > 0 else None,
        everyone=group("", "", np.ones(len(now), dtype=np.bool_)),
        segments=[
            group("segment", label.segment_id, segmentation.assignment == index)
            for index, label in enumerate(segmentation.labels)
            if (segmentation.assignment == index).any()
        ],
        groups=[group(column, value, rows) for column, value, rows in groups],
        limits=_limits(tariff, profiles, year),
    )


def _dear(rate: Rate | None, energy: Float, year: Year) -> tuple[Float, float]:
    """(n,) energy of a month in the dearest hours [kWh], and what moving a kWh of it to the cheapest saves."""
    if rate is None or rate.kind != "time-of-use":
        return np.zeros(len(energy)), 0.0
    price = prices(rate, year)
    highest, lowest = float(price.max()), float(price.min())
    return np.maximum(energy, 0.0)[:, price == highest].sum(axis=1), highest - lowest


def _limits(tariff: Tariff, profiles: Profiles, year: Year) -> list[str]:
    """What bills from profiles can't see, in sentences."""
    rates = [rate for rate in (tariff.current, tariff.proposed) if rate is not None]
    found = [
        "Bills are of a month of mean length with the loads of this period; a year has other seasons.",
        "Charges on the highest demand of a month, taxes, discounts and contracts of single customers are not in them.",
    ]
    if any(rate.kind == "tiered" for rate in rates):
        found.append(
            "Tiers are filled with the energy of a mean month; a month with more fills the upper ones sooner, so bills are a little low."
        )
    if any(window.months for rate in rates for window in rate.window):
        found.append(
            "Prices of some months only count with the part of this period's days that falls into them, as if load were the same in all."
        )
    if bool((profiles.export_kwh > 0).any()):
        found.append(
            "Export is counted where the mean load of an hour is below zero; a cloudy day's import in that hour is netted against it."
        )
    return found
