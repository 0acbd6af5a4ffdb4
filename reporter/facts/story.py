"""Numbers of the report's story that are worked out from the other facts: shares, ratios and sums, each once, here."""

from typing import Literal

from pydantic import Field

from reporter.facts.base import Fact


class SegmentStory(Fact):
    """A segment."""

    segment_id: str = Field(description="of the segment")
    offers: int = Field(description="offers to its members, all programs")
    window_start: int = Field(description="first of the five hours in a row with most energy")
    window_end: int = Field(description="hour at which they end, 1 to 24")
    window_share: float | None = Field(
        description="their share of the day's energy; null where the segment exports"
    )
    lowest_hour: int = Field(description="hour with the lowest mean load")
    exports: bool = Field(description="its mean load is below zero in some hour")
    peak_ratio: float | None = Field(description="share of the load in the peak hours ÷ share of customers")
    outside_share: float | None = Field(
        description="share of the sampled members who lie nearer to another segment (silhouette below 0)"
    )


class StrategyStory(Fact):
    """A way of choosing customers, against the list."""

    strategy: str = Field(description="as in targets.strategies")
    times_targeted: float | None = Field(
        description="offers that it needs ÷ those of the list; null where one of the two can't reach the goal"
    )


class OwnEvents(Fact):
    """What the utility's own events of an offered program say beside its published effect."""

    program: str = Field(description="as in targets.programs")
    title: str = Field(description="its title")
    share: float = Field(description="reduction ÷ load as it would have been, of those called")
    share_low: float = Field(description="low end of its 90 % interval")
    share_high: float = Field(description="high end of the same")
    published_share: float = Field(description="the published effect that the list counts with")
    expected_kw: float = Field(
        description="reduction of the recommended offers with the own effect in place of the published one [kW]"
    )


class Story(Fact):
    """What headings and lead sentences say."""

    segments: list[SegmentStory] = Field(description="in canonical order")
    strategies: list[StrategyStory] = Field(description="as in targets.strategies")
    customers_left_out: int = Field(description="customers read and not used")
    why: Literal["targets", "ranking", "even"] = Field(
        description="targets: a few segments carry more of the peak than their share of customers; ranking: single customers do; even: neither"
    )
    why_segments: list[str] = Field(
        description="segments with offers (else those with a notable part of the peak), largest part of the peak first"
    )
    why_customers_share: float = Field(description="their share of the customers used")
    why_peak_share: float = Field(description="their share of the load in the peak hours")
    gains_share: float = Field(
        description="about a fifth: share of those who may be asked at which the gains curve is read; 0 without a curve"
    )
    gains_targeted: float = Field(
        description="what they bring in the order of the list, of what offers to all would"
    )
    gains_highest_bill: float = Field(description="the same, most energy first")
    offered_share: float = Field(description="offers ÷ customers whom nothing excludes from offers")
    size: Literal["likely", "effect"] = Field(
        description="what the size of the program is given as: likely (90 % interval with effect, weather and take-up) or, where take-up is not known, "
        "effect (the published range)"
    )
    size_low_kw: float = Field(description="its low end [kW]")
    size_high_kw: float = Field(description="its high end [kW]")
    own_events: OwnEvents | None = Field(
        description="null without clear events of a program that is offered, or where its effect is no share of load"
    )
    peak_hours_in_events: int | None = Field(
        description="peak hours at hours of the day that half of the own events or more lay in; null without events"
    )
    goal_share: float = Field(description="expected reduction ÷ goal")
    goal_share_of_peak: float | None = Field(description="goal ÷ highest hourly load of the supplied meters")
    first_share: float | None = Field(
        description="share of the largest row of targets.programs in the expected reduction; null with one row"
    )
