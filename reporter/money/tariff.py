"""A tariff file: what customers pay, and what they would pay under another tariff; flat, tiered or time of use."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from reporter.toml_files import read_toml

Float = NDArray[np.float64]
Hour = Annotated[int, Field(ge=0, le=24)]
Month = Annotated[int, Field(ge=1, le=12)]
DAYS_A_MONTH = 365.25 / 12


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(_Entry):
    """Energy of a month at one price."""

    up_to_kwh: float | None = Field(
        None, gt=0, description="end of the tier [kWh a month]; the last one has none"
    )
    price_per_kwh: float = Field(ge=0, description="price of the energy in it")


class Window(_Entry):
    """Hours with a price of their own."""

    name: str = Field(min_length=1, description="such as peak")
    hours: tuple[Hour, Hour] = Field(
        description="[first, last) local hour; may pass midnight, such as [22, 6]"
    )
    days: Literal["all", "weekdays", "weekends"] = Field(
        "all", description="weekends include holidays, as the settings have them"
    )
    months: tuple[Month, ...] = Field((), description="months, such as [6, 7, 8, 9]; none given: all")
    price_per_kwh: float = Field(ge=0, description="price of the energy in it")

    def covers(self, hour: int, weekend: bool, month: int | None = None) -> bool:
        """Whether an hour lies in it; without a month, whether it does in some month."""
        first, last = self.hours
        inside = first <= hour < last if first < last else hour >= first or hour < last
        return (
            inside
            and self.days != ("weekdays" if weekend else "weekends")
            and (month is None or not self.months or month in self.months)
        )


class Rate(_Entry):
    """A tariff."""

    name: str = Field(min_length=1, description="the tariff as a heading")
    fixed_per_month: float = Field(0.0, ge=0, description="standing charge a month")
    price_per_kwh: float | None = Field(
        None, ge=0, description="one price for all energy; with windows, for all other hours"
    )
    tier: tuple[Tier, ...] = Field((), description="tiers of a month's energy, lowest first")
    window: tuple[Window, ...] = Field(
        (), description="hours with prices of their own; the first that holds counts"
    )
    export_per_kwh: float | None = Field(
        None, ge=0, description="paid per kWh given to the grid; without it, nothing"
    )

    @model_validator(mode="after")
    def _sound(self) -> "Rate":
        if self.tier and (self.price_per_kwh is not None or self.window):
            raise ValueError(
                "write either tiers or prices by the clock; a tariff that has both can't be worked out here"
            )
        if not self.tier and self.price_per_kwh is None:
            raise ValueError("give price_per_kwh (with windows: that of all other hours), or tiers")
        ends = [tier.up_to_kwh for tier in self.tier]
        known = [end for end in ends[:-1] if end is not None]
        if self.tier and (ends[-1] is not None or len(known) < len(ends) - 1 or known != sorted(set(known))):
            raise ValueError("tiers go up, each but the last with up_to_kwh, and the last without one")
        return self

    @property
    def kind(self) -> Literal["flat", "tiered", "time-of-use"]:
        """What it is."""
        return "tiered" if self.tier else "time-of-use" if self.window else "flat"


class Tariff(_Entry):
    """The tariff file."""

    currency: str = Field(min_length=1, description="of all prices, such as USD")
    note: str = Field("", description="what a reader must know about these prices; printed with them")
    current: Rate = Field(description="what customers pay now")
    proposed: Rate | None = Field(None, description="what they would pay instead")


def read_tariff(path: Path) -> Tariff:
    """The tariffs in a TOML file.

    Raises:
        DataError: the file can't be read, or a key is unknown, missing or not valid: with file and line.
    """
    return read_toml(path, Tariff, "the tariff file")


@dataclass(frozen=True)
class Year:
    """Which days a period has: what part of its weekdays and weekends falls into each month."""

    weekdays: int
    weekends: int
    months: Float
    """(2, 12) share of the weekdays, and of the weekends, in each month; zeros where there is none."""

    @classmethod
    def of(cls, dates: list[date], weekend: NDArray[np.bool_]) -> "Year":
        """That of a period's local days."""
        month = np.array([day.month - 1 for day in dates], dtype=np.int64)
        counts = np.stack([np.bincount(month[weekend == kind], minlength=12) for kind in (False, True)])
        totals = counts.sum(axis=1, keepdims=True)
        return cls(int(totals[0, 0]), int(totals[1, 0]), counts / np.maximum(totals, 1))

    @property
    def days_a_month(self) -> Float:
        """(2,) weekdays and weekend days in a month of mean length."""
        total = max(self.weekdays + self.weekends, 1)
        return np.array([self.weekdays, self.weekends]) / total * DAYS_A_MONTH


def prices(rate: Rate, year: Year) -> Float:
    """(2, 24) mean price of energy by kind of day and hour over the days of a period; NaN throughout for tiers."""
    if rate.tier or rate.price_per_kwh is None:
        return np.full((2, 24), np.nan)
    result = np.full((2, 24), rate.price_per_kwh)
    for kind in (0, 1):
        for hour in range(24):
            by_month = [_price(rate, hour, bool(kind), month) for month in range(1, 13)]
            share = year.months[kind]
            if share.sum() > 0:
                result[kind, hour] = float(np.dot(share, by_month))
    return result


def price_at(rate: Rate, at: datetime, weekend: bool, month_kwh: Float) -> Float:
    """(n,) price of one more kWh at a time, for customers who draw so much a month [kWh]."""
    if rate.tier:
        ends = [tier.up_to_kwh for tier in rate.tier if tier.up_to_kwh is not None]
        each = np.array([tier.price_per_kwh for tier in rate.tier])
        return np.asarray(each[np.searchsorted(ends, month_kwh, side="left")])
    return np.full(len(month_kwh), _price(rate, at.hour, weekend, at.month))


def _price(rate: Rate, hour: int, weekend: bool, month: int) -> float:
    found = next((window for window in rate.window if window.covers(hour, weekend, month)), None)
    assert rate.price_per_kwh is not None
    return found.price_per_kwh if found else rate.price_per_kwh


def bill(rate: Rate, month_kwh: Float, year: Year) -> Float:
    """(n,) what customers pay in a month.

    Args:
        rate: the tariff.
        month_kwh: (n, 2, 24) energy of a mean month by kind of day and hour, below zero where more is given than taken [kWh].
        year: the period's days.
    """
    taken = np.maximum(month_kwh, 0.0)
    given = np.maximum(-month_kwh, 0.0).sum(axis=(1, 2))
    if rate.tier:
        energy = _tiers(rate, taken.sum(axis=(1, 2)))
    else:
        energy = (taken * prices(rate, year)).sum(axis=(1, 2))
    return np.asarray(rate.fixed_per_month + energy - given * (rate.export_per_kwh or 0.0))


def _tiers(rate: Rate, kwh: Float) -> Float:
    """(n,) what so much energy of a month costs."""
    total, start = np.zeros(len(kwh)), 0.0
    for tier in rate.tier:
        end = np.inf if tier.up_to_kwh is None else tier.up_to_kwh
        total += np.clip(kwh - start, 0.0, end - start) * tier.price_per_kwh
        start = end
    return total
