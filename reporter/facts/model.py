"""The typed, versioned result of a run. Report, comparison and assistant read only this.

Units stand in names: ``_kw`` is mean power over an hour at the meter, ``_kwh`` energy, ``share`` a fraction of 1.
Profiles have 24 numbers, local hour 0 to 23.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from reporter.events.rows import EventStudy
from reporter.facts.answers import Narrative, StandingAnswer
from reporter.facts.base import Fact as _Fact
from reporter.facts.base import Period, Profile
from reporter.facts.comparison import Comparison
from reporter.facts.story import Story
from reporter.facts.technology import DeviceSign, Technologies
from reporter.findings import Finding, Severity
from reporter.money.rows import Bills, Money
from reporter.schema import SCHEMA_VERSION as SCHEMA_VERSION
from reporter.targets.rows import (
    Curve,
    EnrolmentBasis,
    GainsPoint,
    GroupShare,
    ListRules,
    NotTarget,
    Participation,
    Plant,
    ProgramRow,
    RepeatOffers,
    SegmentEvent,
    SegmentMatch,
    StandIn,
    Strategy,
    Uncertainty,
)


class Exclusion(_Fact):
    """Customers left out for one reason."""

    reason: str = Field(description="stable name, as in customers.parquet")
    customers: int = Field(description="how many")
    description: str = Field(description="the reason in words")


class CheckResult(_Fact):
    """What a check of the readings found; the customers are in ``audit.parquet``."""

    name: str = Field(description="stable name, kebab-case")
    severity: Severity = Field(description="info, warning or serious, by how many customers it concerns")
    setting: str | None = Field(description="the setting with its threshold")
    limit: float | None = Field(description="the threshold")
    customers: int = Field(description="customers affected")
    looked_at: int = Field(
        description="customers looked at: all that were read, or those whose readings were looked at in their order"
    )
    unit: str = Field(description="what the value of an affected customer counts")
    description: str = Field(description="a plain sentence")


class RepairMade(_Fact):
    """Readings that were left out or changed, and how."""

    name: str = Field(description="stable name, kebab-case")
    readings: int = Field(description="how many readings")
    description: str = Field(description="what was done, in a sentence")


class IntervalCount(_Fact):
    """Customers by length of interval."""

    minutes: int = Field(description="length [min]")
    customers: int = Field(description="customers read")


class CoverageMap(_Fact):
    """Share of the intervals that are there, by customers and days."""

    days: list[date] = Field(description="first day of each column")
    customers: list[int] = Field(description="customers of each row, in the order in which they come and go")
    share: list[list[float]] = Field(description="row by row, a number a column, 0 to 1")


class DayReadings(_Fact):
    """Readings of a day."""

    day: date = Field(description="local day")
    readings: int = Field(description="distinct readings of all customers read")
    customers: int = Field(description="customers between their first and their last day")


class EnergyBin(_Fact):
    """Customers who draw so much a day."""

    low_kwh: float = Field(description="from [kWh a day]")
    high_kwh: float | None = Field(description="to [kWh a day]; null in the last bin, which has no end")
    customers: int = Field(description="customers used")


class Quality(_Fact):
    """What was read, what was used, and what is wrong with it."""

    customers_read: int = Field(description="customers with at least one reading")
    customers_used: int = Field(description="customers in the analysis")
    readings_read: int = Field(description="readings in the input")
    readings_used: int = Field(description="readings behind the profiles of the customers used")
    energy_kwh: float = Field(description="import of all that was read [kWh]")
    export_kwh: float = Field(description="export of all that was read [kWh]")
    interval_minutes: list[int] = Field(description="lengths of interval found, ascending [min]")
    coverage: float = Field(description="share of the intervals of the used customers' days that are there")
    excluded: list[Exclusion] = Field(description="customers left out, by reason")
    findings: list[Finding] = Field(description="what a reader must know")
    audit_mode: Literal["fast", "full"] = Field(
        "fast",
        description="whether readings were looked at in their order for a sample of the customers, or for all",
    )
    checks: list[CheckResult] = Field([], description="every check of the readings, with what it found")
    repairs: list[RepairMade] = Field(
        [], description="readings left out or changed, and how; nothing else was"
    )
    longest_gap_hours: float | None = Field(
        None, description="longest time without a reading between two readings of a customer [h]"
    )
    interval_counts: list[IntervalCount] = Field([], description="customers by length of interval")
    coverage_map: CoverageMap | None = Field(None, description="coverage over time")
    readings_by_day: list[DayReadings] = Field([], description="readings of each day")
    daily_energy: list[EnergyBin] = Field([], description="customers used by their mean import a day")


class Effect(_Fact):
    """How far segments are apart, against how far their members are: standard deviations over customers."""

    evening_between: float = Field(
        description="between segments, of evening load (17–21 h) ÷ mean absolute load"
    )
    evening_within: float = Field(description="within segments, of the same")
    peak_between: float = Field(description="between segments, of the hour of the peak [h]")
    peak_within: float = Field(description="within segments, of the hour of the peak [h]")


class Candidate(_Fact):
    """One number of segments that was tried."""

    k: int = Field(description="number of segments")
    inertia: float = Field(description="sum of squared distances to the nearest centroid, in shape units")
    silhouette: float = Field(description="mean silhouette, −1 to 1")
    stability: float = Field(description="median adjusted Rand index over bootstrap resamples, at most 1")
    stability_low: float = Field(description="10th percentile of the same")
    stability_high: float = Field(description="90th percentile of the same")
    usefulness: float | None = Field(
        description="share of the variance between customers in evening share (17–21 h), on days not used for the "
        "segments, that the segments explain (η²); null where there are too few days"
    )
    smallest_share: float = Field(description="share of customers in the smallest segment")
    calinski_harabasz: float = Field(
        0.0, description="spread between segments ÷ spread within, per degree of freedom; higher is tighter"
    )
    davies_bouldin: float | None = Field(
        None,
        description="mean over segments of the worst ratio of spread within to distance between; lower is better",
    )
    shape_usefulness: float | None = Field(
        None, description="as usefulness, of the variance of the whole shape"
    )
    effect: Effect | None = Field(
        None,
        description="how far these segments are apart on days not used for them; null where there are too few days",
    )


class Alternative(_Fact):
    """What the next best number of segments would have said."""

    k: int = Field(description="number of segments")
    titles: list[str] = Field(description="their titles, in canonical order")
    shares: list[float] = Field(description="share of the customers in each")
    agreement: float = Field(description="adjusted Rand index with the segments of this report")


class Merge(_Fact):
    """Two branches of the tree that become one."""

    left: int = Field(description="branch: below the number of leaves a leaf, else a merge, in their order")
    right: int = Field(description="the other branch")
    height: float = Field(description="Ward distance at which they join")
    customers: int = Field(description="customers in both together, of the sample that the tree was grown on")


class TypicalDay(_Fact):
    """A kind of day in the dictionary of typical days."""

    shape: Profile = Field(description="load by local hour, scaled as shapes are")
    share: float = Field(description="share of the days of the customers looked at")


class Selection(_Fact):
    """How the number of segments was chosen."""

    k: int = Field(description="number of segments (1: no structure to act on)")
    chosen_by: str = Field(
        description="the rule that decided: silhouette, usefulness, stability, no-structure, user; within: each class by itself"
    )
    candidates: list[Candidate] = Field(
        description="every K tried, ascending; none where each class has its own"
    )
    elbow_k: int | None = Field(description="K at the knee of the inertia curve")
    silhouette_k: int | None = Field(description="K with the highest mean silhouette")
    calinski_harabasz_k: int | None = Field(None, description="K with the highest Calinski–Harabasz index")
    davies_bouldin_k: int | None = Field(None, description="K with the lowest Davies–Bouldin index")
    stability_k: int | None = Field(None, description="K with the highest stability")
    usefulness_k: int | None = Field(
        None, description="K with the highest usefulness; null where there are too few days"
    )
    next_k: int | None = Field(None, description="K that the same rule would have taken next")
    alternative: Alternative | None = Field(
        None, description="what the next best K would have said; null where there is none"
    )
    tree: list[Merge] = Field(
        default_factory=list,
        description="last merges of the tree, lowest first; only with method hierarchical",
    )
    typical_days: list[TypicalDay] = Field(
        default_factory=list, description="the dictionary of typical days; only with method dictionary"
    )
    days_encoded: int = Field(
        0, description="customers whose days were put in terms of typical days; 0 without a dictionary"
    )
    effect: Effect | None = Field(
        None, description="how far the segments are apart, or would be where there is no structure to act on"
    )
    reason: str = Field(description="why this K, in a sentence")
    halves_agreement: float | None = Field(
        description="adjusted Rand index between assignment by even and by odd days"
    )
    halves_changed: float | None = Field(
        description="share of customers whose segment differs between even and odd days: the noise floor of migration"
    )
    halves_drifted: float | None = Field(
        None,
        description="share of customers whose segment differs between the first and the second half of the period: noise and the "
        "ordinary course of life",
    )
    unseen_shape_explained: float | None = Field(
        description="share of the variance of the whole shape, on days not used, that the segments explain"
    )


class ClassSelection(_Fact):
    """Customers of one class, and how their segments were chosen among themselves."""

    name: str = Field(description="in words, as in titles; small classes together are called 'other classes'")
    values: list[str] = Field(description="as the customer file has them; empty text: the file says nothing")
    customers: int = Field(description="customers used that the segments were made from")
    segment_ids: list[str] = Field(description="its segments")
    selection: Selection = Field(description="the choice of their number, as for all customers")


class ClassElsewhere(_Fact):
    """A class too small for segments, even with the other small ones: its customers are in the nearest segment of any class."""

    value: str = Field(description="as the customer file has it; empty text: the file says nothing")
    customers: int = Field(description="customers used")


class Within(_Fact):
    """Segments that were made class by class."""

    column: str = Field(description="of the customer file")
    classes: list[ClassSelection] = Field(description="largest first; small ones together come last")
    elsewhere: list[ClassElsewhere] = Field(
        default_factory=list, description="classes without segments of their own"
    )


class SeasonProfile(_Fact):
    """A segment's load in one season."""

    name: str = Field(
        description="summer, winter, spring and autumn; months or ranges of temperature where the settings or the zone say so"
    )
    days: int = Field(description="local days of the season in the period")
    profile_kw: Profile = Field(description="mean load per customer by local hour [kW]")
    weekday_kw: Profile = Field(description="the same on weekdays [kW]")
    weekend_kw: Profile = Field(description="the same on weekends and holidays [kW]")


class Segment(_Fact):
    """A group of customers with a like load shape."""

    segment_id: str = Field(description="kept from quarter to quarter")
    label: str = Field(
        description="name of the rule: evening-peak, mid-peak, flat, morning-peak, midday-peak, night-peak, double-peak, solar-export, or one from "
        "the utility's own table"
    )
    title: str = Field(description="unique title in words")
    class_name: str | None = Field(
        None, description="the class that it was made in, as in within.classes; null without --within"
    )
    customers: int = Field(description="members")
    share: float = Field(description="share of the customers used")
    profile_kw: Profile = Field(description="mean load per customer by local hour [kW]")
    shape: Profile = Field(
        description="centroid: the mean of the members' shapes, each divided by its mean absolute load"
    )
    shape_low: Profile = Field(description="10th percentile of the members' shapes")
    shape_high: Profile = Field(description="90th percentile of the members' shapes")
    weekday_kw: Profile = Field(description="the same as profile_kw, weekdays [kW]")
    weekend_kw: Profile = Field(description="the same as profile_kw, weekends and holidays [kW]")
    seasons: list[SeasonProfile] = Field(
        default_factory=list, description="by season; empty where the period lies within one"
    )
    peak_day_kw: Profile = Field(description="the whole segment's load on the peak day [kW]")
    peak_hour: int = Field(description="local hour with the highest mean load")
    peak_to_mean: float = Field(description="highest hour of profile_kw ÷ the mean of its absolute values")
    load_factor: float = Field(description="mean over members of mean load ÷ highest interval load")
    energy_kwh_per_day: float = Field(description="mean net energy per customer and day [kWh]")
    energy_share: float = Field(description="share of the import of all customers used")
    coincident_kw: float = Field(description="mean load per customer over the peak hours [kW]")
    coincident_share: float = Field(
        description="share of the load of all customers used, over the peak hours"
    )
    above_baseload_kw: float = Field(
        description="coincident load less baseload, mean per customer [kW]: an upper bound of what can move"
    )
    silhouette: float | None = Field(description="mean silhouette of the members in the sample")
    silhouette_values: list[float] = Field(
        description="silhouette values of a sample of members, descending, at most 200"
    )
    evidence: str = Field(description="the rule that gave the label, with its numbers")
    odd_customers: int = Field(
        0,
        description="members whose shape is far from this and every other segment's: the nearest one is theirs",
    )
    day_entropy: float | None = Field(
        None,
        description="mean entropy of the members' days over the typical days [bits]: low is predictable, which does not mean flexible; "
        "only with method dictionary",
    )
    usual_day_share: float | None = Field(
        None,
        description="mean share of the members' days of their most usual kind; only with method dictionary",
    )
    label_confidence: float | None = Field(
        None, description="share of the members, of a sample, that would get the same label on their own"
    )
    technology: list[DeviceSign] = Field([], description="signs of devices among the members")
    program_reason: str = Field(
        "", description="why this segment is offered its program, or none, in a sentence"
    )


class PeakHour(_Fact):
    """An hour of the system's peak."""

    start: str = Field(description="local start of the hour, ISO 8601")
    load: float = Field(description="load in that hour, in the unit of PeakHours")


class AreaPeak(_Fact):
    """The peak hours of one area of the system."""

    area: str = Field(description="such as a feeder")
    customers: int = Field(description="customers used that lie in it")
    hours: list[PeakHour] = Field(description="its peak hours, highest first")


class PeakHours(_Fact):
    """The hours that count as the system's peak, and how they were found."""

    source: Literal["system-load", "sample"] = Field(
        description="the utility's system load, or the sum of the supplied meters"
    )
    description: str = Field(description="how they were found, in a sentence")
    unit: Literal["kW", "MW"] = Field(description="unit of load")
    peak_day: date = Field(description="local day with the highest hour")
    hours: list[PeakHour] = Field(description="the hours, highest first")
    sample_peak_kw: float = Field(
        description="highest hourly load that the supplied meters of the customers used added up to [kW]"
    )
    weekend_hours: int = Field(0, description="peak hours on weekends and holidays")
    passed_over: list[str] = Field(
        [], description="what the utility plans for and the period does not have: season, window, weekdays"
    )
    months: list[PeakHour] = Field(
        [], description="the highest hour of each month; customers.parquet has each customer's load in it"
    )
    areas: list[AreaPeak] = Field(
        [],
        description="peak hours by area, where the system load has several; a customer counts in those of its own",
    )
    net_of_solar: bool = Field(False, description="the peak is that of the load less solar generation")


class AtSystem(_Fact):
    """The reduction where the system supplies it, where losses or a reserve are set."""

    losses: float = Field(description="share of what the system supplies that is lost before the meter")
    reserve: float = Field(description="reserve saved with each kW of peak, as a share of it")
    factor: float = Field(description="(1 + reserve) ÷ (1 − losses)")
    expected_kw: float = Field(description="expected_kw × factor [kW]")
    low_kw: float = Field(description="low_kw × factor [kW]")
    high_kw: float = Field(description="high_kw × factor [kW]")


class Targets(_Fact):
    """Whom to offer what, and what it is worth at the peak."""

    peak_hours: PeakHours
    programs: list[ProgramRow] = Field(description="largest effect first")
    matches: list[SegmentMatch] = Field(
        [], description="the program that fits each segment, and the second best; in canonical order"
    )
    event_hours: list[SegmentEvent] = Field(
        [],
        description="what each segment has above baseload hour by hour of an event, and on hot and mild days",
    )
    goal_kw: float = Field(description="load reduction wanted at the peak, at the meter [kW]")
    goal_source: Literal["default", "user"] = Field(
        description="default: a share of the peak of the supplied meters"
    )
    goal_reached: bool = Field(
        description="whether the recommended offers reach the goal at the published effects"
    )
    eligible: int = Field(description="customers who could be offered a program with a published effect")
    recommended_offers: int = Field(description="offers recommended")
    holdout: int = Field(description="customers set aside at random to measure against")
    enrolment_rate: float | None = Field(
        description="share of offers accepted, the utility's figure; null: none stated"
    )
    enrolment_basis: EnrolmentBasis = Field(
        "none",
        description="where participation comes from: stated (the utility's figure), history-model, history-rate; none: every figure reads 'if N enrol'",
    )
    enrolments: int = Field(
        0, description="enrolments expected of the recommended offers; with basis none, all of them"
    )
    participation: Participation | None = Field(
        None, description="what past offers say about who enrols; null without an enrolment history"
    )
    repeat_offers: RepeatOffers | None = Field(
        None,
        description="customers who declined the same program before, and what the list is without them; null without an enrolment history",
    )
    expected_kw: float = Field(
        description="load reduction of the recommended offers at the published effect [kW]"
    )
    low_kw: float = Field(description="the same at the low end of the published range [kW]")
    high_kw: float = Field(description="the same at the high end of the published range [kW]")
    at_system: AtSystem | None = Field(
        None, description="the same at the system; null where neither losses nor a reserve are set"
    )
    rules: ListRules | None = Field(
        None, description="what the list was made by; null in runs made before this was kept"
    )
    provisional: bool = Field(
        False,
        description="the period lies outside the season that the utility plans for: sizes are no recommendation",
    )
    probability_of_goal: float | None = Field(
        description="probability that the recommended offers reach the goal; null without enrolment history or a stated enrolment rate"
    )
    uncertainty: Uncertainty | None = Field(
        None, description="what makes the reduction unsure; null where take-up is not known"
    )
    may_be_asked: int = Field(
        0, description="customers whom nothing excludes from offers, whether a program fits them or not"
    )
    offered_gain_share: float = Field(
        0.0, description="reduction of the recommended offers ÷ that of offers to all of these"
    )
    strategies: list[Strategy]
    curves: list[Curve] = Field([], description="what each strategy brings, offer by offer")
    gains: list[GainsPoint] = Field(
        description="what offers bring, of what offers to all who may be asked would; empty where no offer brings anything"
    )
    groups: list[GroupShare] = Field(
        [],
        description="who is offered a program, by the attributes that are protected or looked at for fairness",
    )
    stand_ins: list[StandIn] = Field(
        [], description="what may be used and says nearly the same as one of these attributes"
    )
    not_targets: list[NotTarget] = Field(description="customers not on the list, by reason")
    plant: Plant | None = Field(
        None,
        description="what the offers can bid hour by hour of an event day; null where nothing is offered",
    )


class InputFile(_Fact):
    """A file that the run read."""

    name: str = Field(description="file name without its folder; of a table of another engine, its name")
    role: str = Field(
        description="readings, customers, enrolment, system load, temperature, events, outages, programs, tariff or costs"
    )
    size_bytes: int = Field(description="size [bytes]; 0 for a table of another engine")
    sha256: str = Field(description="SHA-256 of the content; empty for a table of another engine")


class Method(_Fact):
    """What another analyst needs to repeat the run."""

    normalise: str = Field(description="how a profile becomes a shape")
    clustering: str = Field(description="clustering method")
    seed: int = Field(description="seed of every random choice")
    starts: int = Field(description="random starts of K-means, where customers are more than tree_most")
    tree_most: int = Field(description="most customers that K-means starts from Ward's tree of")
    bootstraps: int = Field(description="resamples behind the stability")
    sample: int = Field(description="customers behind silhouette and stability")
    daily_sample: int = Field(description="customers behind usefulness and the noise floor")
    settings: dict[str, str] = Field(description="settings that are not the default, dotted name to value")
    versions: dict[str, str] = Field(description="package to version")
    inputs: list[InputFile] = Field(description="files that were read")


class Privacy(_Fact):
    """What a report for others leaves out, and by which rule; every number in it is of customers who satisfy the rule."""

    rules: list[str] = Field(
        description="fewest customers behind a number, and the most of their energy that one may be [%]; by class where there are several"
    )
    segments_together: int = Field(
        description="segments that are shown as one group, since the rule keeps them from standing alone"
    )
    withheld: list[str] = Field(description="what is left out, in sentences")
    earlier_reports: int | None = Field(
        description="earlier reports of the same time that this one was held against; null: no record of them is kept"
    )


class Facts(_Fact):
    """Everything that the report says."""

    schema_version: str = Field(description="version of this schema")
    period: Period
    quality: Quality
    selection: Selection
    segments: list[Segment] = Field(description="in canonical order")
    within: Within | None = Field(
        None, description="the classes that segments were made in; null without --within"
    )
    targets: Targets
    method: Method | None = None
    technology: Technologies | None = Field(None, description="signs of devices over all customers used")
    events: EventStudy | None = Field(
        None, description="events that happened and what they were worth; null without --events"
    )
    privacy: Privacy | None = Field(
        None, description="what this report leaves out for others; null in a report for the utility itself"
    )
    money: Money | None = Field(
        None, description="what the offers are worth by the cost tests; null without --costs"
    )
    bills: Bills | None = Field(
        None, description="what the tariff does to customers' bills; null without --tariff"
    )
    story: Story | None = Field(
        None, description="what the report's headings and lead sentences say, worked out from the rest"
    )
    change: Comparison | None = Field(
        None, description="what changed since the run given with --previous; null without one"
    )
    questions: list[StandingAnswer] = Field(
        [],
        description="questions that a program manager asks, with their answers, as reporter ask gives them",
    )
    narrative: Narrative | None = Field(None, description="the run in a paragraph, from the same answers")

    @property
    def choice_shown(self) -> Selection:
        """The choice of K that figures can draw: of all customers, or of the largest class that tried several."""
        if self.selection.candidates or self.within is None:
            return self.selection
        return next((c.selection for c in self.within.classes if c.selection.candidates), self.selection)
