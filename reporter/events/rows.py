"""The rows of events that facts hand on as they are: each described once, here.

Powers are at the meter [kW]; reductions are positive where load fell.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Row(BaseModel):
    """A row of facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Effect(Row):
    """A mean reduction per called customer, with its 90 % interval."""

    reduction_kw: float = Field(description="mean reduction per customer [kW]; negative where load rose")
    error_kw: float = Field(description="its standard error [kW]")
    low_kw: float = Field(description="low end of the 90 % interval [kW]")
    high_kw: float = Field(description="high end of the same [kW]")
    load_kw: float = Field(description="mean load per customer as it was [kW]")
    share: float | None = Field(
        description="reduction ÷ load as it would have been; null where that is not above 0"
    )
    share_low: float | None = Field(description="low end of the 90 % interval")
    share_high: float | None = Field(description="high end of the same")


class EventRow(Row):
    """One event."""

    start: str = Field(description="local start, ISO 8601")
    end: str = Field(description="local end, ISO 8601")
    program: str | None = Field(description="as the events file names it")
    called: int = Field(description="customers called")
    measured: int = Field(description="of them, those with the readings that it takes")
    effect: Effect | None = Field(description="mean over the event's hours; null where it can't be measured")
    total_kw: float | None = Field(description="reduction of all measured customers together [kW]")
    baseline_kw: float | None = Field(description="reduction per customer by the least biased baseline [kW]")


class EventHour(Row):
    """An hour of the mean event day."""

    hour: int = Field(description="local hour, 0 to 23")
    in_event: float = Field(description="share of the events that the hour lies in")
    load_kw: float | None = Field(description="mean load per called customer [kW]")
    without_kw: float | None = Field(
        description="the same as it would have been: load and reduction together [kW]"
    )
    baseline_kw: float | None = Field(description="the same by the least biased baseline [kW]")
    reduction_kw: float | None = Field(description="mean reduction per called customer [kW]")
    error_kw: float | None = Field(description="its standard error [kW]")
    low_kw: float | None = Field(description="low end of the 90 % interval [kW]")
    high_kw: float | None = Field(description="high end of the same [kW]")


class SegmentEffect(Row):
    """What a program's events did in one segment."""

    program: str | None = Field(description="as the events file names it")
    segment_id: str = Field(description="which segment")
    label: str = Field(description="its label")
    title: str = Field(description="its title")
    customers: int = Field(description="customers measured in at least one event")
    effect: Effect | None = Field(description="null where there are too few customers to stand for a segment")


class BaselineRow(Row):
    """How far a baseline is off on days without an event, and what it makes of the events."""

    name: str = Field(description="10-of-10, high-4-of-5, high-5-of-10, middle-8-of-10 or weather-matched")
    adjusted: bool = Field(description="with same-day adjustment")
    bias: float = Field(
        description="(sum of baseline − sum of load) ÷ sum of load, in the event's hours of days without an event; above 0 is too high"
    )
    cvrmse: float = Field(
        description="root mean square error of the mean load of all customers, hour by hour, ÷ that load"
    )
    cvrmse_customer: float = Field(description="the same of single customers")
    reduction_kw: float | None = Field(description="mean reduction per customer in the events by it [kW]")
    least_biased: bool = Field(description="smallest bias, in size, of all")


class Balance(Row):
    """How alike called customers and their comparison group are, on days without an event."""

    what: str = Field(description="the load that is compared")
    called_kw: float = Field(description="mean of the called customers [kW]")
    pool_kw: float = Field(description="mean of all customers in no program [kW]")
    matched_kw: float = Field(description="mean of the comparison group [kW]")
    difference_before: float = Field(description="called less all others, in standard deviations")
    difference_after: float = Field(description="called less comparison group, in standard deviations")


class Compliance(Row):
    """Who took part, as far as loads show."""

    least_share: float = Field(
        description="share of the calls that at least were followed: what stays of share_events when share_days is taken as the part that "
        "falls below by chance"
    )
    share_events: float = Field(
        description="share of the calls with load below the baseline by the part that counts"
    )
    share_days: float = Field(description="the same on days without an event")
    part: float = Field(description="the part that counts, of the baseline")
    clear: int = Field(
        description="customers whose mean reduction is more than chance gives to one in twenty of those who do nothing"
    )
    customers: int = Field(description="customers that could be judged so")


class EventStudy(Row):
    """Events that happened, and what they were worth."""

    method: Literal["comparison-group", "baseline"] = Field(
        description="what stands for the load without an event: a comparison group, or the least biased baseline where there is none"
    )
    events: list[EventRow] = Field(description="by start")
    customers: int = Field(description="customers measured in at least one event")
    few: bool = Field(description="too few of them to say anything of other customers")
    comparison: int = Field(description="different customers in the comparison group; 0 without one")
    pool: int = Field(description="customers in no program that it was chosen from")
    effect: Effect = Field(description="mean over the hours of all events")
    total_kw: float = Field(description="mean reduction of all customers measured at an event [kW]")
    after: Effect | None = Field(
        description="mean over the hours after the events: below 0 is load that came back"
    )
    after_hours: int = Field(description="hours after an event that count for it [h]")
    came_back: float | None = Field(
        description="energy that came back in these hours ÷ energy that was not used in the events; null where the reduction is not clear"
    )
    hours: list[EventHour] = Field(description="the mean event day")
    segments: list[SegmentEffect] = Field(description="by program and in canonical order of the segments")
    baselines: list[BaselineRow] = Field(description="least bias first")
    baseline_days: int = Field(description="days without an event that their accuracy was measured on")
    balance: list[Balance] = Field(description="how alike the comparison group is; empty without one")
    compliance: Compliance | None = Field(description="null where no baseline could be made")
    opted_out: int = Field(description="customers who enrolled and left the program")
    outages: int = Field(description="outages whose days were left out")
    limits: list[str] = Field(description="what can't be concluded, in sentences")
