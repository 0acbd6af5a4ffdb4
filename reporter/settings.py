"""Every option of a run in one typed, frozen tree, and where each value came from.

Order of precedence: flag, environment (``REPORTER_SECTION__KEY``), project file (``reporter.toml``),
user file (``~/.config/reporter/reporter.toml``), default.
"""

import codecs
import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from reporter.errors import UsageError
from reporter.toml_files import PLAIN

Hour = Annotated[int, Field(ge=0, le=24)]
Month = Annotated[int, Field(ge=1, le=12)]
Share = Annotated[float, Field(ge=0, le=1)]
Weekday = Annotated[int, Field(ge=0, le=6)]
_FLAGS = {
    "segments.k_min": "--k-range",
    "segments.k_max": "--k-range",
    "peak.season": "--peak-season",
    "peak.window": "--peak-hours",
}
"""Flags whose names differ from the settings'."""
_WITHOUT_FLAG = ("columns.", "technology.customers")
"""Settings, or beginnings of their names, that have no flag though one is called alike."""
_LISTS = {
    "peak.window": "[16, 21]",
    "peak.season": "[6, 7, 8, 9]",
    "output.formats": '["html", "pdf"]',
}
"""Examples of settings that are lists."""

Shape = Literal["daily", "weekly", "seasonal"]
MethodName = Literal["kmeans", "hierarchical", "dtw", "dictionary"]
Normalise = Literal["l2", "l1", "minmax", "zscore", "cumulative"]


class _Section(BaseModel):
    # A label such as 2026 is a number to TOML, and a text to us.
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_given(cls, values: Any) -> Any:
        # TOML and the environment have no null: an empty text takes back what a file of lower rank gave.
        if not isinstance(values, dict):
            return values
        optional = {name for name, field in cls.model_fields.items() if field.default is None}
        return {name: None if name in optional and value == "" else value for name, value in values.items()}


class ReadingsSettings(_Section):
    """How interval readings are recognised and timed."""

    customer_column: str | None = Field(
        None, description="column with the customer or meter id (default: recognised)"
    )
    timestamp_column: str | None = Field(
        None, description="column with the time of a reading (default: recognised)"
    )
    value_column: str | None = Field(
        None, description="column with the energy or power (default: recognised)"
    )
    unit: Literal["kwh", "wh", "kw", "mwh", "w"] | None = Field(
        None, description="unit of the value (default: from the column's name or a column of units, else kWh)"
    )
    channel_column: str | None = Field(
        None, description="column that tells import from export (default: recognised)"
    )
    import_channels: tuple[str, ...] = Field(
        (), description="what stands in that column for energy to the customer, beside the usual names"
    )
    export_channels: tuple[str, ...] = Field(
        (), description="what stands in that column for energy from the customer, beside the usual names"
    )
    channels: Literal["net", "import"] = Field(
        "net",
        description="what load is where import and export are given apart: import less export, or import alone",
    )
    date_order: Literal["dmy", "mdy"] | None = Field(
        None, description="whether day or month comes first in dates of numbers (default: as the data show)"
    )
    decimal: Literal[".", ","] | None = Field(None, description="decimal sign (default: as the data show)")
    encoding: str | None = Field(
        None, description="encoding of text files (default: UTF-8 or UTF-16, else Windows-1252, and said)"
    )
    stamps: Literal["start", "end"] | None = Field(
        None,
        description="whether a stamp marks the start or the end of its interval (default: as the data show, else start)",
    )
    timezone: str | None = Field(None, description="zone that the report speaks, such as Europe/London")
    source_timezone: str | None = Field(
        None,
        description="clock of the stamps: a zone or a fixed offset such as +00:00 (default: what the stamps carry or show, else "
        "the report's zone)",
    )
    start: date | None = Field(None, description="first local day to use")
    end: date | None = Field(None, description="last local day to use")
    period: str | None = Field(
        None, description="label of the period (default: from the data, such as 2026Q3)"
    )

    @model_validator(mode="after")
    def _known_encoding(self) -> Self:
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError:
                raise ValueError(
                    f"'{self.encoding}' is no encoding; write utf-8, utf-16 or latin-1"
                ) from None
        return self


class ColumnSettings(_Section):
    """Columns of the optional files, where their names are not the usual ones: what is meant → the file's own name."""

    customer: dict[str, str] = Field({}, description='the customer file, such as { customer_id = "NMI" }')
    system_load: dict[str, str] = Field(
        {}, description='the system load, such as { timestamp = "Hour", load_mw = "Demand" }'
    )
    temperature: dict[str, str] = Field(
        {}, description='the temperatures, such as { timestamp = "Date", temperature_c = "Dry bulb" }'
    )
    enrolment: dict[str, str] = Field({}, description="the enrolment history")
    events: dict[str, str] = Field({}, description="the events")
    outages: dict[str, str] = Field({}, description="the outages")


class AuditSettings(_Section):
    """Who is used and who is left out."""

    min_days: int = Field(7, ge=1, description="days with readings that a customer needs")
    min_coverage: float = Field(
        0.5, ge=0, le=1, description="share of the intervals of a customer's own days that must be there"
    )
    min_mean_kw: float = Field(
        0.005,
        ge=0,
        description="mean load, import and export together, below which there is no shape to speak of [kW]",
    )
    min_customers: int = Field(20, ge=2, description="used customers that a segmentation needs")
    max_kw: float = Field(
        1000.0,
        gt=0,
        description="physical limit of a reading [kWh in one interval, or kW where readings are power]; readings beyond it are not used",
    )
    mode: Literal["fast", "full"] = Field(
        "fast",
        description="whether checks that need readings in their order look at a seeded sample of the customers where there are many, "
        "or at all",
    )
    good_coverage: float = Field(
        0.9, ge=0, le=1, description="share of the intervals of its days below which a customer is reported"
    )
    gap_hours: float = Field(48, gt=0, description="longest gap from which a customer is reported [h]")
    zero_share: float = Field(0.5, gt=0, le=1, description="share of zeros from which a customer is reported")
    zero_hours: float = Field(48, gt=0, description="run of zeros from which a customer is reported [h]")
    stuck_hours: float = Field(
        24, gt=0, description="run of one value other than zero from which a customer is reported [h]"
    )
    spike_ratio: float = Field(
        5, gt=1, description="times a customer's own 99th percentile beyond which a reading is a spike"
    )
    estimated_share: float = Field(
        0.1,
        ge=0,
        le=1,
        description="share of readings marked as not measured from which a customer is reported",
    )
    clock_gain: float = Field(
        0.3,
        gt=0,
        description="gain in correlation from moving a customer's daily shape by an hour, from which its clock is reported",
    )
    size_ratio: float = Field(
        50,
        gt=1,
        description="times the median customer's mean load, or that part of it, from which a customer is reported",
    )
    plausible_mean_kw: tuple[float, float] = Field(
        (0.15, 1.6),
        description="mean load of the median customer, lowest and highest, for homes; more where they heat or cool with electricity [kW]",
    )
    plausible_peak_kw: tuple[float, float] = Field(
        (1.2, 18.0),
        description="highest interval load of the median customer, lowest and highest, for homes [kW]",
    )


class CalendarSettings(_Section):
    """What kind of day a date is."""

    weekend: tuple[Weekday, ...] = Field((5, 6), description="weekend days, Monday = 0")
    holidays: tuple[date, ...] = Field((), description="dates that count as weekend days")


class SeasonSettings(_Section):
    """Which seasons profiles are shown for, and are segmented by where --shape seasonal is given."""

    by: Literal["months", "temperature"] = Field(
        "months", description="what makes a season; temperature needs the file of temperatures"
    )
    hemisphere: Literal["auto", "north", "south"] = Field(
        "auto", description="side of the equator (auto: by the time zone)"
    )
    summer: tuple[Month, ...] = Field(
        (),
        description="months of summer, 1 to 12 (default: June to August, south of the equator December to February)",
    )
    winter: tuple[Month, ...] = Field(
        (),
        description="months of winter, 1 to 12 (default: December to February, south of the equator June to August)",
    )
    cooling_from_c: float = Field(
        20.0,
        description="mean temperature of a day from which homes cool, where seasons go by temperature [°C]",
    )
    heating_below_c: float = Field(
        12.0,
        description="mean temperature of a day below which homes heat, where seasons go by temperature [°C]",
    )
    min_days: int = Field(14, ge=1, description="days of a season in the period from which it is shown")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if set(self.summer) & set(self.winter):
            raise ValueError("a month can't be in summer and in winter")
        if self.heating_below_c > self.cooling_from_c:
            raise ValueError(
                f"homes would heat below {self.heating_below_c:g} °C and cool from {self.cooling_from_c:g} °C on; the first must be lower"
            )
        return self


class SegmentSettings(_Section):
    """How customers are grouped by load shape."""

    method: MethodName = Field(
        "kmeans",
        description="how customers are grouped: K-means, Ward's tree, dynamic time warping, or by their most usual kind of day",
    )
    band_hours: int = Field(
        2, ge=1, le=12, description="hours that a habit may be shifted, for method dtw (Sakoe–Chiba band) [h]"
    )
    shape: Shape = Field(
        "daily",
        description="what customers are compared by: the mean day (24 hours), weekday and weekend (48), or these by season",
    )
    where: str | None = Field(
        None,
        description="which customers are used, as a comparison of columns of the customer file, such as rate_class == 'RES-1' and area != 'North'",
    )
    within: str | None = Field(
        None,
        description="column of the customer file, such as rate_class or dwelling, each class of which is segmented by itself",
    )
    within_least: int = Field(
        40,
        ge=2,
        description="fewest customers of a class that is segmented by itself; smaller ones are pooled",
    )
    within_most: int = Field(
        8,
        ge=1,
        description="most classes that are segmented by themselves, the largest; the others are pooled",
    )
    week: Literal["day-types", "days"] = Field(
        "day-types",
        description="what --shape weekly lays side by side: weekday and weekend (48), or all seven days (168)",
    )
    normalise: Normalise = Field("l2", description="how a customer's profile is made a shape")
    smoothing_hours: float = Field(
        3.0,
        ge=0,
        description="width (standard deviation) to which a second, smoothed copy of each shape is blurred around the clock; customers are "
        "compared by both (0: by the shape alone; l2 and l1 only) [h]",
    )
    focus: tuple[Hour, Hour] = Field(
        (17, 21), description="hours that weigh more when customers are compared, [first, last)"
    )
    focus_weight: float = Field(
        2.2,
        ge=0,
        description="weight of the mean over the focus hours beside the 24 hours (0: none; l2 and l1 only)",
    )
    steady_within: float = Field(
        0.03,
        ge=0,
        description="segments started from the time of day that customers use most are kept where their inertia is at most this share above the "
        "best found otherwise (0 or more; they are steadier)",
    )
    k: int | None = Field(None, ge=1, le=30, description="number of segments (default: chosen by the tool)")
    k_min: int = Field(2, ge=2, description="smallest number of segments tried")
    k_max: int = Field(10, ge=2, le=30, description="largest number of segments tried")
    prefer_min: int = Field(
        3, ge=1, description="fewest segments that a program can use, where the data leave it open"
    )
    prefer_max: int = Field(
        5, ge=1, description="most segments that a program can use, where the data leave it open"
    )
    min_share: float = Field(
        0.02, ge=0, lt=0.5, description="smallest share of customers that makes a segment"
    )
    min_members: int = Field(5, ge=1, description="fewest customers that make a segment")
    clear_silhouette: float = Field(
        0.5,
        description="mean silhouette from which groups count as clearly apart (Kaufman and Rousseeuw 1990)",
    )
    min_stability: float = Field(
        0.6, description="median bootstrap ARI below which the segments are called unstable"
    )
    steady_enough: float = Field(
        0.75,
        ge=0,
        le=1,
        description="a number of segments is passed over where its stability is below this share of the steadiest one's",
    )
    near_best: float = Field(
        0.9,
        ge=0,
        le=1,
        description="the smallest number of segments is taken that reaches this share of the best in what it says about unseen days",
    )
    min_evening_spread: float = Field(
        0.14,
        ge=0,
        description="spread between segments (standard deviation over customers) of evening load ÷ mean load below which, if the peak hours "
        "are as near, there is no structure to act on",
    )
    min_peak_spread: float = Field(
        1.0,
        ge=0,
        description="spread between segments of the hour of the peak below which, if the evenings are as near, there is no structure "
        "to act on [h]",
    )
    min_usefulness: float = Field(
        0.2, description="share of evening-share variance on unseen days below which segments are called weak"
    )
    odd_beyond: float = Field(
        3.0,
        ge=0,
        description="a customer is odd where its distance from its segment (or the logarithm of its mean load) lies beyond the third quartile by so many "
        "times the middle half of all customers",
    )
    odd_least: float = Field(
        0.3, gt=0, description="smallest distance from the segment (of shapes of length 1) that can be odd"
    )
    starts: int = Field(
        10,
        ge=1,
        description="random starts of K-means where customers are more than tree_most",
    )
    tree_most: int = Field(
        2000,
        ge=0,
        description="most customers that K-means starts from Ward's tree of: no seed changes its segments; its distances take memory as their square",
    )
    bootstraps: int = Field(20, ge=2, description="bootstrap resamples for the stability")
    sample: int = Field(5000, ge=100, description="customers in the sample behind silhouette and stability")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.k_min > self.k_max:
            raise ValueError(
                f"the smallest number of segments ({self.k_min}) is above the largest ({self.k_max})"
            )
        return self


class LabelRule(_Section):
    """One row of the table that names segments: every condition given must hold. Ranges are [low, high), windows [first, last)."""

    label: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="name, such as evening-peak")
    sign: Literal["export", "import"] | None = Field(
        None, description="export: sends energy to the grid in some hour; import: never"
    )
    peak: tuple[Hour, Hour] | None = Field(None, description="window that the highest hour falls into")
    peak_to_mean: tuple[float, float] | None = Field(
        None, description="prominence: highest hour ÷ mean of the day"
    )
    load_factor: tuple[float, float] | None = Field(
        None, description="the same the other way: mean of the day ÷ highest hour"
    )
    width_hours: tuple[float, float] | None = Field(
        None,
        description="hours in a row around the highest one above the middle between it and the mean [h]",
    )
    peaks: Literal[1, 2] | None = Field(None, description="number of peaks")
    window: tuple[Hour, Hour] | None = Field(None, description="window of window_to_mean")
    window_to_mean: tuple[float, float] | None = Field(
        None, description="mean load in the window ÷ mean of the day"
    )
    says: str = Field("", description="words that the evidence ends with")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.window is None) != (self.window_to_mean is None):
            raise ValueError(f"the rule for '{self.label}' needs both window and window_to_mean, or neither")
        return self


_RULES = (
    LabelRule(label="solar-export", sign="export"),
    LabelRule(label="solar-export", window=(10, 16), window_to_mean=(-100, 0.35)),
    LabelRule(label="flat", peak_to_mean=(0, 1.35)),
    LabelRule(label="double-peak", peaks=2),
    LabelRule(label="mid-peak", peak_to_mean=(0, 1.75), says="a moderate peak"),
    LabelRule(label="morning-peak", peak=(6, 10)),
    LabelRule(label="midday-peak", peak=(10, 16)),
    LabelRule(label="evening-peak", peak=(16, 23)),
    LabelRule(label="night-peak", peak=(23, 6)),
)


class LabelSettings(_Section):
    """How segments are named. Hours are local, 0 to 23; a window is [first, last) and may pass midnight."""

    rules: tuple[LabelRule, ...] = Field(
        _RULES,
        description="the table of rules, most urgent first: the first whose conditions all hold gives the name. Conditions: sign, peak, "
        "peak_to_mean, load_factor, width_hours, peaks, window with window_to_mean",
    )
    order: tuple[str, ...] = Field(
        (
            "evening-peak",
            "double-peak",
            "mid-peak",
            "morning-peak",
            "midday-peak",
            "night-peak",
            "flat",
            "solar-export",
        ),
        description="order of segments in the report, by label; others come after",
    )
    otherwise: str = Field("flat", description="label where no rule holds")
    export: float = Field(
        0.05,
        ge=0,
        description="export in some hour ÷ mean absolute load above which a profile counts as one that exports",
    )
    second_peak: float = Field(
        0.75, description="second peak ÷ first, both above the mean, from which there are two"
    )
    second_peak_apart: int = Field(4, ge=1, le=12, description="hours between two peaks, at least [h]")
    valley: float = Field(
        0.8, description="lowest hour between two peaks ÷ the lower peak, at most, for two peaks"
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.rules:
            raise ValueError("the table of rules is empty; leave it out for the usual rules")
        return self


class TechnologySettings(_Section):
    """What counts as a sign of a device in a customer's days."""

    customers: int = Field(
        200_000,
        ge=1,
        description="most customers whose days are looked at one by one; of more, a seeded sample",
    )
    sign_from: float = Field(0.5, gt=0, lt=1, description="probability from which a device counts as a sign")
    ev_share: float = Field(
        0.1,
        gt=0,
        lt=1,
        description="share of homes that charge a car, as far as you know: probabilities start from it",
    )
    solar_share: float = Field(0.12, gt=0, lt=1, description="share of homes with rooftop solar, likewise")
    water_share: float = Field(
        0.3, gt=0, lt=1, description="share of homes with an electric water tank, likewise"
    )
    least_share_per_c: float = Field(
        0.01, ge=0, description="part of the mean load per °C below which a load does not follow the weather"
    )


class PeakSettings(_Section):
    """Which hours count as the system's peak."""

    choose: Literal["top", "percentile", "window"] = Field(
        "top",
        description="top: the hours with the highest load; percentile: those above a percentile of it; window: every hour of the season and window",
    )
    hours: int = Field(20, ge=1, description="number of peak hours, with top")
    percentile: float = Field(99.0, gt=50, lt=100, description="percentile of the load, with percentile")
    weekdays_only: bool = Field(False, description="weekends and holidays are never peak hours")
    season: tuple[Month, ...] = Field(
        (), description="months that the utility plans for, 1 to 12 (default: all)"
    )
    window: tuple[Hour, Hour] | None = Field(
        None, description="hours of the day that the utility plans for, [first, last)"
    )
    area_column: tuple[str, ...] = Field(
        ("area", "feeder", "substation"),
        description="columns of the customer file with the area of the system load, where that has several",
    )
    losses: float = Field(
        0.0,
        ge=0,
        lt=0.5,
        description="share of what the system supplies that is lost before the meter, at the peak",
    )
    reserve: float = Field(
        0.0, ge=0, lt=1, description="reserve that is saved with each kW of peak, as a share of it"
    )


class TargetSettings(_Section):
    """Whom to offer what."""

    goal_kw: float | None = Field(
        None, gt=0, description="load reduction wanted at the peak [kW] (default: a share of the peak)"
    )
    goal_share: float = Field(
        0.05, gt=0, lt=1, description="default goal as a share of the peak of the supplied meters"
    )
    goal_probability: float = Field(
        0.8,
        gt=0,
        lt=1,
        description="probability of reaching the goal at which the list ends, where take-up is known",
    )
    customers_max: int | None = Field(None, ge=1, description="most offers to make")
    budget: float | None = Field(
        None,
        gt=0,
        description="most to spend on offers and enrolments, in the currency of the catalogue's costs",
    )
    enrolment_rate: float | None = Field(
        None, gt=0, le=1, description="share of offers that are accepted, the utility's own figure"
    )
    enrolment_rate_range: tuple[Share, Share] | None = Field(
        None,
        description="range that the stated rate may turn out in, nine times in ten (default: taken as exact)",
    )
    min_enrolments: int = Field(
        30, ge=10, description="past enrolments, and refusals, that a likelihood of enrolment needs"
    )
    repeat_offers: Literal["leave-out", "as-first"] = Field(
        "leave-out",
        description="customers who declined the same program before, where past offers are too few to say how many accept a second one: leave-out "
        "or as-first, offered it and counted as if for the first time",
    )
    holdout_share: float = Field(
        0.1, ge=0, lt=1, description="share of the list set aside at random, to measure against"
    )
    min_effect_kw: float = Field(
        0.02, ge=0, description="smallest effect at the peak that is worth an offer [kW]"
    )
    switch_share: float = Field(
        0.25,
        ge=0,
        description="how much more than its segment's own program another one must give a customer to be offered instead, as a share",
    )
    min_program_offers: int = Field(
        10, ge=1, description="fewest offers that are worth running a program for"
    )
    min_above_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="part of a segment's load in the peak hours above baseload that a program needs",
    )
    min_peak_ratio: float = Field(
        1.1,
        ge=0,
        description="load at the peak ÷ mean load from which a segment's own peak counts as the system's",
    )
    life_support_columns: tuple[str, ...] = Field(
        ("life_support",), description="attribute columns that exclude from offers"
    )
    medical_columns: tuple[str, ...] = Field(
        ("medical_baseline", "medical"), description="attribute columns that exclude from offers"
    )
    enrolled_columns: tuple[str, ...] = Field(
        ("enrolled", "already_enrolled", "dr_enrolled"),
        description="attribute columns of current participants",
    )
    opted_out_columns: tuple[str, ...] = Field(
        ("opted_out", "opt_out", "do_not_contact"), description="attribute columns that exclude from offers"
    )
    protected_columns: tuple[str, ...] = Field(
        (
            "age", "age_group", "gender", "sex", "race", "ethnicity", "religion", "nationality", "language", "disability",
            "low_income", "income", "income_group", "income_qualified",
        ),
        description="attribute columns that play no part in the likelihood of enrolment, and are kept for the check of fairness",
    )  # fmt: skip

    fairness_columns: tuple[str, ...] = Field(
        ("tenure", "area", "district", "feeder", "postcode", "care", "fera", "discount_rate"),
        description="attribute columns by which offers and bills are looked at for fairness beside the protected ones; unlike those they may be used",
    )
    fair_ratio: float = Field(
        0.8,
        gt=0,
        le=1,
        description="share of a group that is offered a program ÷ that of all others, below which it is worth a word (the four-fifths rule, 29 CFR 1607.4 D)",
    )
    stand_in: float = Field(
        0.3,
        gt=0,
        le=1,
        description="association (Cramér's V) from which something counts as a stand-in for an attribute",
    )


class EventSettings(_Section):
    """How events that happened are measured."""

    lookback_days: int = Field(45, ge=5, description="days before an event that a baseline is made from")
    weather_days: int = Field(5, ge=1, description="days of the weather-matched baseline")
    adjust_hours: int = Field(3, ge=1, description="hours of the same-day adjustment [h]")
    adjust_gap: int = Field(
        1, ge=0, description="hours left out between the same-day adjustment and the event [h]"
    )
    adjust_cap: float = Field(
        0.2, ge=0, description="most that the same-day adjustment moves a baseline, as a share of it"
    )
    like_days: int = Field(
        20, ge=8, description="non-event days like the event day, which it is compared with"
    )
    near_days: int = Field(90, ge=10, description="days before and after an event that such days come from")
    accuracy_days: int = Field(
        20, ge=5, description="non-event days that the accuracy of baselines is measured on"
    )
    matches: int = Field(
        5, ge=1, description="customers outside the program that each called one is compared with"
    )
    rebound_hours: int = Field(2, ge=1, description="hours after an event in which load may come back [h]")
    least_customers: int = Field(
        10, ge=2, description="fewest called customers whose effect stands for a segment"
    )
    least_comparison: int = Field(
        20, ge=2, description="fewest customers outside the program that make a comparison group"
    )
    took_part: float = Field(
        0.1, gt=0, lt=1, description="load below the baseline that counts as a reduction, as a share of it"
    )


class MoneySettings(_Section):
    """What counts in costs and bills."""

    swing: float = Field(
        0.25,
        gt=0,
        lt=1,
        description="how far each input of the cost tests is moved to see what turns the result, as a share of it; effects move over their own range",
    )
    even: float = Field(
        0.01, ge=0, description="change of a bill, as a share of it, up to which it counts as the same"
    )
    hard: float = Field(
        0.05,
        ge=0,
        description="rise of a bill, as a share of it, from which a customer counts as needing protection",
    )


class PlantSettings(_Section):
    """What a bid of the reduction as a power plant must meet."""

    min_bid_kw: float | None = Field(None, gt=0, description="smallest bid [kW] (default: not checked)")
    min_hours: int | None = Field(
        None, ge=1, le=24, description="hours in a row that a bid must hold [h] (default: not checked)"
    )


class CompareSettings(_Section):
    """When two periods count as different."""

    same_shape: float = Field(
        0.25,
        gt=0,
        description="distance of two mean shapes ÷ the length of the older one, up to which they count as one segment",
    )
    notable_share: float = Field(
        0.02, ge=0, description="change of a segment's share of all customers that is worth a word"
    )
    notable_change: float = Field(
        0.1,
        ge=0,
        description="change of a segment's load or size, as a part of what it was, that is worth a word",
    )
    notable_hours: float = Field(
        1, ge=0, description="change of a segment's peak hour that is worth a word [h]"
    )
    stability_small: float = Field(
        0.1, ge=0, description="population stability index from which shares count as somewhat changed"
    )
    stability_large: float = Field(0.25, ge=0, description="the same, as much changed")
    present: float = Field(
        0.5, gt=0, lt=1, description="probability from which a technology counts as being there"
    )
    least_rise: float = Field(
        0.3, ge=0, le=1, description="rise of a technology's probability that makes a customer an adopter"
    )
    vacant_ratio: float = Field(
        0.25, ge=0, le=1, description="mean load now ÷ then, at most, of a home that looks empty now"
    )
    vacant_kw: float = Field(0.15, ge=0, description="mean load, at most, of a home that looks empty [kW]")
    weather_reach_c: float = Field(
        0.5,
        ge=0,
        description="mean over the newer period's days of the degrees outside the range of the older one's, up to which loads are put into "
        "one weather [°C]",
    )
    weather_off: float = Field(
        0.2,
        ge=0,
        description="how far the part of the weather in a load may be off for all customers together, as a part of it",
    )
    matches: int = Field(5, ge=1, description="customers that each enrolled one is compared with")
    least_enrolled: int = Field(10, ge=2, description="fewest enrolled customers whose effect is measured")
    sample: int = Field(5000, ge=100, description="members of a segment behind the intervals of its curve")
    shape_sample: int = Field(
        400, ge=20, description="members of a segment, in each period, behind the energy distance"
    )


class OutputSettings(_Section):
    """What is written, and how it looks."""

    templates: Path | None = Field(None, description="folder of the utility's own templates")
    theme: Path | None = Field(None, description="theme file (default: the templates' theme.toml)")
    formats: tuple[Literal["html", "pdf", "summary", "xlsx"], ...] = Field(
        ("html", "pdf", "xlsx"),
        description="files to make for people: the report on screen and on paper, the decision on one page (summary.pdf), the list as a workbook (targets.xlsx)",
    )
    audience: Literal["internal", "external"] = Field(
        "internal",
        description="external: only what satisfies the aggregation rule, without any customer's id or curve",
    )
    paper: Literal["a4", "letter"] = Field("a4", description="paper size of the PDF")
    organisation: str | None = Field(None, description="the utility's name on the cover")
    locale: str = Field(
        "en-GB",
        description="how numbers, dates and currency are written, such as en-US, de or fr-CA; words stay those of the templates",
    )

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, value: str) -> str:
        from babel import Locale, UnknownLocaleError

        try:
            Locale.parse(value.replace("-", "_"))
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError(
                "no locale of this name is known; take one such as en-US, de or fr-CA"
            ) from error
        return value


class PrivacySettings(_Section):
    """What a report for others may tell: used with ``--audience external``."""

    rule: str = Field(
        "15/15",
        pattern=r"^[1-9]\d*(/[1-9]\d?)?$",
        description="fewest customers behind a number, and the most of their energy that one may be [%]: 15/15; 100 asks for customers alone",
    )
    classes: dict[str, str] = Field(
        {},
        description='rules of classes of customers, such as { residential = "100" }; a set of several classes satisfies all of theirs',
    )
    class_columns: tuple[str, ...] = Field(
        ("rate_class", "customer_class", "sector"),
        description="columns of the customer file with the class; the first that is there counts",
    )
    releases: Path | None = Field(
        None,
        description="your own record of the reports that were given out (Parquet): each new one is held against it and added; never give it out",
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        for name, rule in self.classes.items():
            if not re.fullmatch(r"[1-9]\d*(/[1-9]\d?)?", rule):
                raise ValueError(f"the rule of '{name}' is '{rule}'; write it as 15/15 or 100")
        return self


class RunningSettings(_Section):
    """How the machine is used."""

    engine: str = Field(
        "duckdb",
        min_length=1,
        description="where the readings are read and averaged: duckdb (this machine), spark, or the URL of another engine; readings are then "
        "tables of it, and only aggregates come back",
    )
    memory: str = Field(
        "4GB", description="memory limit of the engine; with spark, of the driver that is started for the run"
    )
    threads: int | None = Field(
        None,
        ge=1,
        description="most threads of the engine and of numerical libraries (default: all cores); of an engine elsewhere, of what runs here",
    )


class Settings(_Section):
    """All settings of a run."""

    seed: int = Field(0, ge=0, description="seed of every random choice")
    readings: ReadingsSettings = ReadingsSettings()
    columns: ColumnSettings = ColumnSettings()
    audit: AuditSettings = AuditSettings()
    calendar: CalendarSettings = CalendarSettings()
    seasons: SeasonSettings = SeasonSettings()
    segments: SegmentSettings = SegmentSettings()
    labels: LabelSettings = LabelSettings()
    technology: TechnologySettings = TechnologySettings()
    peak: PeakSettings = PeakSettings()
    targets: TargetSettings = TargetSettings()
    events: EventSettings = EventSettings()
    money: MoneySettings = MoneySettings()
    plant: PlantSettings = PlantSettings()
    compare: CompareSettings = CompareSettings()
    output: OutputSettings = OutputSettings()
    privacy: PrivacySettings = PrivacySettings()
    running: RunningSettings = RunningSettings()


@dataclass(frozen=True)
class Resolved:
    """Settings and, for each that is not a default, where it came from (dotted name → origin)."""

    settings: Settings
    origins: dict[str, str]


def resolve(
    flags: Mapping[str, Any] | None = None,
    config_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Resolved:
    """Settings from all sources.

    Args:
        flags: dotted name → value, such as ``{"segments.k": 4}``; ``None`` values count as not given.
        config_file: project file; by default ``reporter.toml`` in the working directory, if it is there.
        environment: by default ``os.environ``.

    Raises:
        UsageError: a file can't be read, a key is unknown or a value is not valid.
    """
    environment = os.environ if environment is None else environment
    tree: dict[str, Any] = {}
    origins: dict[str, str] = {}

    def merge(values: Mapping[str, Any], origin: str) -> None:
        for name, value in values.items():
            _check_name(name, origin)
            *section, key = name.split(".")
            target = tree.setdefault(section[0], {}) if section else tree
            target[key] = value
            origins[name] = origin

    for path in _files(config_file, environment):
        merge(_flatten(_read_toml(path), str(path)), str(path))
    for variable, text in sorted(environment.items()):
        if variable.startswith("REPORTER_"):
            name = variable.removeprefix("REPORTER_").lower().replace("__", ".")
            merge({name: _parse(text)}, f"environment variable {variable}")
    for name, value in (flags or {}).items():
        if value is not None:
            merge({name: value}, f"flag {_flag(name)}")

    try:
        return Resolved(Settings.model_validate(tree), origins)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
        if first["type"] == "value_error":
            # A rule over several settings of a section, in a sentence of ours.
            among = [origin for key, origin in origins.items() if key.startswith(f"{name}.")]
            raise UsageError(f"{', '.join(dict.fromkeys(among))}: {first['ctx']['error']}.") from error
        origin = origins.get(name, "settings")
        said = PLAIN.get(first["type"], first["msg"][:1].lower() + first["msg"][1:])
        if name in _LISTS and first["type"] == "tuple_type":
            said = f"write a list in [brackets], such as {_LISTS[name]}"
        raise UsageError(f"{origin}: '{name}' = {first['input']!r} is not valid: {said}.") from error


def names() -> dict[str, str]:
    """Dotted name of every setting → its description."""
    result = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, _Section):
            for key, inner in field.annotation.model_fields.items():
                result[f"{name}.{key}"] = inner.description or ""
        else:
            result[name] = field.description or ""
    return result


def flag_of(name: str) -> str:
    """The flag of a command that sets a setting, if there is one; empty where one that is called alike sets something else."""
    return "" if name.startswith(_WITHOUT_FLAG) else _flag(name)


def _flag(name: str) -> str:
    return _FLAGS.get(name, "--" + name.rsplit(".", 1)[-1].replace("_", "-"))


def _files(config_file: Path | None, environment: Mapping[str, str]) -> list[Path]:
    home = environment.get("XDG_CONFIG_HOME") or (
        environment["HOME"] + "/.config" if environment.get("HOME") else None
    )
    user = Path(home) / "reporter" / "reporter.toml" if home else None
    project = config_file if config_file is not None else Path("reporter.toml")
    if config_file is not None and not _is_file(config_file):
        raise UsageError(f"{config_file}: no such settings file; check the path given with --config.")
    return [path for path in (user, project) if path is not None and _is_file(path)]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder of somebody else's, such as another user's home
        return False


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: not a readable TOML file ({error}); mend that line.") from error


def _flatten(tree: Mapping[str, Any], origin: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": inner for key, inner in value.items()})
        elif name in Settings.model_fields and isinstance(Settings.model_fields[name].default, _Section):
            raise UsageError(f"{origin}: '{name}' is a section; write [{name}] and its keys below it.")
        else:
            flat[name] = value
    return flat


def _check_name(name: str, origin: str) -> None:
    known = names()
    if name in ("output.logo", "output.colours"):
        raise UsageError(
            f"{origin}: there is no setting '{name}'; it stands in theme.toml, in the folder of 'output.templates'."
        )
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else "`reporter config show` lists them all."
        raise UsageError(f"{origin}: there is no setting '{name}'; {hint}")


def _parse(text: str) -> Any:
    """A value as TOML would read it, else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
