"""Signs of devices, over all customers and by segment, and the weather of the period."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from reporter.facts.base import Fact
from reporter.technology import CUSTOMER_COLUMNS, Technology
from reporter.technology.weather import Z90
from reporter.technology.words import TITLES, evidence
from reporter.words import percent

Device = Literal["ev", "solar", "heating", "cooling", "water"]

BASES_C = range(-10, 35)
"""Temperatures below and above which degrees are counted: every change point that the fits may have, and what days reach [°C]."""

_PEAK: dict[str, str] = {"ev": "ev_peak_kw", "water": "water_peak_kw"}


class DeviceSign(Fact):
    """How many customers show a sign of a device."""

    technology: Device = Field(
        description="ev: a car charged at home; solar: panels; heating, cooling: load that follows cold, heat; water: a tank"
    )
    title: str = Field(description="its name in a heading")
    examined: int = Field(description="customers whose days could tell")
    customers: int = Field(
        description="of these, customers with a sign: at least the probability that the settings ask for"
    )
    share: float = Field(description="customers ÷ examined")
    low: float = Field(
        description="low end of a 90 % interval of the share that has the device, by the probabilities"
    )
    high: float = Field(description="high end of the same")
    peak_kw: float | None = Field(
        description="its mean load in the peak hours, per customer with a sign [kW]; null where it can't be told from the rest"
    )
    evidence: str = Field(
        description="what the signs stand on, medians, in words; empty where nobody shows one"
    )


class Degrees(Fact):
    """How far the days lay from a temperature."""

    base_c: float = Field(description="the temperature [°C]")
    below_c: float = Field(description="mean over the days of the degrees below it [°C]")
    above_c: float = Field(description="mean over the days of the degrees above it [°C]")


class Weather(Fact):
    """Daily mean temperatures of the period, as far as they were given."""

    days: int = Field(description="days with a temperature")
    mean_c: float = Field(description="mean of the days [°C]")
    lowest_c: float = Field(description="coldest day [°C]")
    highest_c: float = Field(description="warmest day [°C]")
    degrees: list[Degrees] = Field(description="ascending by base; what normalising to other weather needs")


class Technologies(Fact):
    """Signs of devices over all customers used."""

    examined: int = Field(description="customers used whose days were looked at one by one")
    sign_from: float = Field(description="probability from which a device counts as a sign")
    signs: list[DeviceSign]
    season_contrast: float | None = Field(
        description="median of (month with most load ÷ month with least) − 1; null within one month"
    )
    season_note: str = Field(
        description="what is known of heating and cooling without temperatures; empty with them"
    )
    weather: Weather | None = Field(description="null without temperatures")


def technology_facts(technology: Technology) -> dict[str, Any]:
    """The facts of all customers used."""
    everybody = np.ones(len(technology.examined), dtype=bool)
    contrast = _median(technology.season_contrast)
    return {
        "examined": int(technology.examined.sum()),
        "sign_from": technology.sign_from,
        "signs": device_signs(technology, everybody),
        "season_contrast": contrast,
        "season_note": _season_note(technology, contrast),
        "weather": _weather(technology.daily_temperature_c),
    }


def device_signs(technology: Technology, members: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Signs among some customers, a row a technology that their days could tell."""
    rows = []
    for name, sign in technology.signs().items():
        chance = getattr(technology, f"{name}_probability")
        could_tell = members & np.isfinite(chance)
        examined = int(could_tell.sum())
        if not examined:
            continue
        found = could_tell & sign
        likely = chance[could_tell].astype("float64")
        spread = Z90 * np.sqrt((likely * (1 - likely)).sum())
        medians = {column: _median(getattr(technology, column)[found]) for column in CUSTOMER_COLUMNS}
        # Around noon, so that nights on both sides of midnight are neighbours.
        hour = _median((technology.ev_hour[found] + 12) % 24)
        medians["ev_hour"] = None if hour is None else (hour + 12) % 24
        rows.append(
            {
                "technology": name,
                "title": TITLES[name],
                "examined": examined,
                "customers": int(found.sum()),
                "share": found.sum() / examined,
                "low": max((likely.sum() - spread) / examined, 0.0),
                "high": min((likely.sum() + spread) / examined, 1.0),
                "peak_kw": _peak(technology, name, found),
                "evidence": evidence(name, {key: np.nan if value is None else value for key, value in medians.items()})
                if found.any()
                else "",
            }
        )  # fmt: skip
    return rows


def _peak(technology: Technology, name: str, found: NDArray[np.bool_]) -> float | None:
    if name in ("heating", "cooling"):
        other = technology.signs()["cooling" if name == "heating" else "heating"]
        found = found & ~other
        values = technology.temperature_peak_kw[found]
    elif name in _PEAK:
        values = getattr(technology, _PEAK[name])[found]
    else:
        return None
    known = values[np.isfinite(values)]
    return float(known.mean(dtype="float64")) if len(known) else None


def _season_note(technology: Technology, contrast: float | None) -> str:
    if technology.daily_temperature_c is not None or contrast is None:
        return ""
    return (
        f"Without temperatures, heating and cooling can't be told from other loads that change with the season; half of the customers "
        f"use at least {percent(contrast)} more in the month with most than in the month with least."
    )


def _weather(daily_c: NDArray[np.float64] | None) -> dict[str, Any] | None:
    if daily_c is None or not np.isfinite(daily_c).any():
        return None
    known = daily_c[np.isfinite(daily_c)]
    return {
        "days": len(known),
        "mean_c": float(known.mean()),
        "lowest_c": float(known.min()),
        "highest_c": float(known.max()),
        "degrees": [
            {
                "base_c": float(base),
                "below_c": float(np.maximum(base - known, 0).mean()),
                "above_c": float(np.maximum(known - base, 0).mean()),
            }
            for base in BASES_C
        ],
    }


def _median(values: NDArray[np.floating]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
