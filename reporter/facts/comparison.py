"""The typed, versioned result of a comparison of runs: ``comparison.json``, and the page on change in a report.

Units stand in names, as in ``model``. Intervals cover 95 %.
"""

from typing import Annotated, Literal

from pydantic import Field

from reporter.facts.base import Fact as _Part
from reporter.facts.base import Period, Profile
from reporter.findings import Finding

COMPARISON_VERSION = "2.1"

Technology = Literal["ev", "solar", "electric-heat", "vacant", "other"]
Measure = Literal[
    "share", "energy_kwh_per_day", "same_weather_kwh_per_day", "peak_hour", "peak_to_mean", "coincident_kw",
    "coincident_other_kw", "above_baseload_kw",
]  # fmt: skip
"""``same_weather_kwh_per_day``: old is what the members of then would have used in the newer period's weather, by their own fits on
temperature. ``coincident_other_kw``: load in the peak hours less heating and cooling. Both of customers without panels whose days
were looked at, where both runs have temperatures."""
Customers = Annotated[int, Field(ge=0)]


class Match(_Part):
    """A segment in two periods, each with its own segmentation (refitted)."""

    status: Literal["matched", "new", "gone", "split", "merged"] = Field(
        description="matched: in both; new or gone: in one only; split: new, and most of its customers come from one segment "
        "that is still there; merged: gone, and most of its customers went to one segment that was there before"
    )
    old_segment_id: str | None = Field(description="in the older run")
    new_segment_id: str | None = Field(description="in the newer run")
    old_title: str | None = Field(description="its title then")
    new_title: str | None = Field(description="its title now")
    related_segment_id: str | None = Field(
        None,
        description="split: the older run's segment it came from; merged: the newer run's segment it went to",
    )
    related_share: float | None = Field(
        None, description="share of its customers who came from, or went, there"
    )
    distance: float | None = Field(description="distance of the mean shapes ÷ the length of the older one")
    old_customers: Customers = Field(description="members then")
    new_customers: Customers = Field(description="members now")
    old_share: float = Field(description="share of the customers used then")
    new_share: float = Field(description="share of the customers used now")


class NetChange(_Part):
    """How the share of one of the older run's segments changed, the segments held fixed (frozen)."""

    segment_id: str = Field(description="the older run's")
    title: str
    old_share: float = Field(description="share of the customers of both periods, then")
    new_share: float = Field(description="the same, now")
    change: float = Field(description="new − old; moves by noise go both ways and cancel in it")
    low: float = Field(
        description="low end of its interval (paired shares), which holds for all segments together at 95 %"
    )
    high: float = Field(description="high end of its interval")
    beyond_noise: bool = Field(description="whether the interval leaves out zero")
    old_share_all: float = Field(
        description="share of all customers used then, whether or not they are there now"
    )
    new_share_all: float = Field(description="the same of all customers used now")
    arrivals: Customers = Field(description="customers used now only")
    departures: Customers = Field(description="customers used then only")
    left_out_before: Customers = Field(0, description="of the arrivals, those who had been read and left out")
    left_out_now: Customers = Field(
        0, description="of the departures, those who were read again and left out"
    )
    moved_out: Customers = Field(0, description="customers of both periods who left it for another segment")
    moved_out_new_load: Customers = Field(
        0, description="of them, those with a load that was not there before (emerging.csv)"
    )
    moved_in: Customers = Field(
        0, description="customers of both periods who came to it from another segment"
    )
    moved_in_new_load: Customers = Field(
        0, description="of them, those with a load that was not there before"
    )


class Migration(_Part):
    """Customers of both periods, by the older run's segments (frozen centroids)."""

    segments: list[str] = Field(description="segment_id of rows and columns: the older run's")
    titles: list[str]
    matrix: list[list[int]] = Field(description="customers by old (row) and new (column) segment")
    customers: Customers = Field(description="customers in both periods")
    changed: float | None = Field(description="share of them whose segment is another now")
    moved: Customers = Field(0, description="customers whose segment is another now")
    moved_new_load: Customers = Field(
        0, description="of them, those with a load that was not there before (emerging.csv)"
    )
    changed_low: float | None = Field(description="low end of its 95 % interval (Wilson 1927)")
    changed_high: float | None = Field(description="high end of its 95 % interval")
    noise_floor: float | None = Field(
        description="the same share inside one period, between its first and second half or its even and odd days, the largest of both runs'"
    )
    noise_floor_high: float | None = Field(description="high end of its 95 % interval")
    beyond_noise: bool | None = Field(
        description="whether the intervals of change and noise floor are apart; null where the floor is not known"
    )
    arrivals: Customers = Field(description="customers used in the newer run only")
    departures: Customers = Field(description="customers used in the older run only")
    left_out_now: Customers = Field(description="departures who were read again, and left out")
    left_out_before: Customers = Field(description="arrivals who had been read, and left out")
    net: list[NetChange] = Field(description="one a segment of the older run, in its order")
    stability_index: float | None = Field(
        description="population stability index of the shares of all customers used: below 0.1 small, above 0.25 large"
    )
    refitted_segments: list[str] = Field(description="segment_id of the newer run's own segments")
    refitted_titles: list[str]
    refitted_matrix: list[list[int]] = Field(
        description="customers of both periods by old segment (row) and the newer run's own segment (column)"
    )


class Drift(_Part):
    """How a matched segment changed."""

    old_segment_id: str
    new_segment_id: str
    measure: Measure
    old: float
    new: float
    change: float = Field(
        description="new − old, in the measure's unit; for hours the shorter way round the clock"
    )
    low: float | None = Field(None, description="low end of the interval of change")
    high: float | None = Field(None, description="high end of the interval of change")
    notable: bool = Field(
        False, description="the interval leaves out zero and the change is as large as the settings ask"
    )


class ShapeDrift(_Part):
    """Whether the shapes of a matched segment's members are others now."""

    old_segment_id: str
    new_segment_id: str
    energy_distance: float = Field(
        description="energy distance between samples of members' shapes, each divided by its mean absolute load "
        "(Székely and Rizzo 2013, doi:10.1016/j.jspi.2013.03.018)"
    )
    noise: float = Field(
        description="95th percentile of it where the periods are shuffled: what chance gives"
    )
    differs: bool = Field(description="whether it is above that")


class SameWeather(_Part):
    """What the weather explains of the change of load, over the customers of both periods with a fit on temperature."""

    old_mean_c: float = Field(description="mean temperature of the older period's days [°C]")
    new_mean_c: float = Field(description="the same of the newer period [°C]")
    customers: Customers = Field(
        description="customers of both periods whose days were looked at, without panels"
    )
    old_kwh_per_day: float = Field(description="what they used then, mean per customer [kWh a day]")
    expected_kwh_per_day: float = Field(
        description="what they would have used in the newer period's weather, by each customer's fit of the older run [kWh a day]"
    )
    new_kwh_per_day: float = Field(description="what they used now [kWh a day]")
    change: float = Field(description="new − expected: what the weather does not explain [kWh a day]")
    low: float = Field(
        description="low end of its interval: who they are, and how far the fits may be off together"
    )
    high: float = Field(description="high end of its interval")


class AreaCount(_Part):
    """Adopters in an area."""

    area: str
    customers: Customers
    per_thousand: float = Field(description="of a thousand customers of both periods there")


class Emerging(_Part):
    """A load that was not there before."""

    kind: Technology
    customers: Customers = Field(description="customers listed in migrations.parquet")
    low: float = Field(description="low end of the interval of the true number, from the probabilities")
    high: float = Field(description="high end")
    before: int | None = Field(None, description="customers of both periods who had it then")
    after: int | None = Field(None, description="customers of both periods who have it now")
    added_kw: Profile = Field(
        description="load added per listed customer by local hour, less what happened to others of the same segment, but for empty homes [kW]"
    )
    added_coincident_kw: float = Field(
        description="load added at the peak hours, all listed customers together [kW]"
    )
    hours: list[int] = Field(description="local hours with at least half of the largest change")
    areas: list[AreaCount] = Field(
        description="most adopters per thousand first; empty without an area column"
    )
    description: str = Field(description="what it is, in a sentence")


class Score(_Part):
    """Something that the older run forecast, and what came."""

    what: str = Field(description="in words")
    unit: str
    forecast: float | None
    forecast_low: float | None
    forecast_high: float | None
    actual: float | None = Field(description="null where it can't be known, as note says")
    actual_low: float | None
    actual_high: float | None
    note: str = Field(description="how it was measured, or why it can't be known")


class ProgramEffect(_Part):
    """Those who were recommended last time: who enrolled, and what their load in the peak hours did."""

    recommended: Customers = Field(description="customers with an offer in the older run")
    enrolled: Customers = Field(description="of these, enrolled now")
    holdout: Customers = Field(description="customers set aside in the older run who are in both periods")
    moved_away: Customers = Field(description="recommended customers who are not read any more")
    changed_segment: Customers = Field(
        description="recommended customers who are in another of the old segments now"
    )
    matched: Customers = Field(description="customers not enrolled that the enrolled ones are compared with")
    effect_kw: float | None = Field(
        description="change of load in the peak hours of the enrolled less that of the matched, mean per customer [kW]; "
        "negative: less load"
    )
    effect_low: float | None = Field(description="low end of its interval")
    effect_high: float | None = Field(description="high end of its interval")
    scores: list[Score] = Field(description="forecast against what came")


class Trend(_Part):
    """A segment over all periods, the oldest run's segments held fixed."""

    segment_id: str
    title: str
    share: list[float] = Field(description="by period")
    customers: list[int] = Field(description="by period")
    mean_kw: list[float | None] = Field(
        description="mean load per member, by period [kW]; null where it has none"
    )
    coincident_kw: list[float | None] = Field(
        description="mean load per member in each period's peak hours [kW]"
    )


class YearOnYear(_Part):
    """The newest period against the same season a year before, where such a run is given."""

    period: Period = Field(description="of the year before")
    migration: Migration


class Comparison(_Part):
    """What changed between periods; with more than two, between the last two, and ``trends`` over all."""

    schema_version: str
    periods: list[Period] = Field(description="oldest first")
    segments: list[Match]
    migration: Migration
    drift: list[Drift]
    shapes: list[ShapeDrift]
    weather: SameWeather | None = Field(
        None,
        description="null where loads can't be put into one weather; the finding weather-not-adjusted says why",
    )
    emerging: list[Emerging]
    program: ProgramEffect | None = Field(
        description="null where the older run recommended nobody who is known now"
    )
    year_on_year: YearOnYear | None = Field(description="null without a run of the same season a year before")
    trends: list[Trend] = Field(description="empty for two periods")
    findings: list[Finding]
