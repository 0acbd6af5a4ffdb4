"""The closed set of queries: names, typed arguments, and what each answers. ``docs/assistant.md`` lists them from here."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Metric = Literal[
    "customers", "coincident_kw", "coincident_share", "above_baseload_kw", "peak_hour", "lowest_hour", "peak_to_mean",
    "load_factor", "energy_kwh_per_day", "energy_share", "offers", "silhouette",
]  # fmt: skip
Counted = Literal[
    "customers_read", "customers_used", "customers_left_out", "segments", "eligible", "offers", "enrolments", "holdout",
    "readings", "days", "findings",
]  # fmt: skip
Device = Literal["ev", "solar", "heating", "cooling", "water"]
StrategyName = Literal["targeted", "random", "highest-bill", "highest-peak", "highest-load-segment"]
FigureName = Literal[
    "cover", "peak-day", "gains", "segments", "seasons", "overlay", "week", "elbow", "scores", "tree", "silhouette",
    "moves", "net", "reach", "chance", "event-day", "calibration", "enrolment-gains",
    "plant", "turns", "bills",
]  # fmt: skip
CheckName = Literal[
    "implausible-readings", "empty-readings", "readings-without-time", "identical-duplicates", "conflicting-duplicates",
    "spring-hour-recovered", "low-coverage", "long-gaps", "many-zeros", "estimated-readings", "unusual-size",
    "renumbered-customers", "similar-ids", "stuck-readings", "long-zeros", "spikes", "clock-shift-of-customers",
]  # fmt: skip

SegmentName = Annotated[str, Field(min_length=1, max_length=200, description="segment_id, title or label")]
CustomerId = Annotated[str, Field(min_length=1, max_length=200, description="customer_id as in the readings")]


class Arguments(BaseModel):
    """Arguments of a query; most have none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OfSegment(Arguments):
    """One segment."""

    segment: SegmentName


class SegmentMetric(OfSegment):
    """One segment, and what of it."""

    metric: Metric | Literal["overview"] = Field(
        "overview", description="one figure of the segment; overview: what it is, in a sentence"
    )


class Ranking(Arguments):
    """What to rank segments by."""

    metric: Metric = Field(description="figure to rank by")
    order: Literal["highest", "lowest"] = Field("highest", description="which end comes first")
    count: int | None = Field(
        None, ge=1, le=100, description="how many to name, where the question says a number; null: the first"
    )


class Pair(Arguments):
    """Two segments, and what of them."""

    first: SegmentName
    second: SegmentName
    metric: Metric | Literal["overview"] = Field(
        "overview", description="figure to compare; overview: several"
    )


class What(Arguments):
    """What to count."""

    what: Counted = Field(description="what is counted")


class OfProgram(Arguments):
    """One program."""

    program: str = Field(min_length=1, max_length=200, description="id or title from the catalogue")


class Reason(Arguments):
    """Why customers are no targets."""

    reason: str | None = Field(
        None, max_length=100, description="one reason, by its name in targets.not_targets; null: all"
    )


class OneStrategy(Arguments):
    """A way of choosing customers."""

    strategy: StrategyName | None = Field(None, description="the way compared with the list; null: all")


class DeviceOf(Arguments):
    """A device, and in which segment."""

    device: Device | None = Field(None, description="ev, solar, heating, cooling or water; null: all")
    segment: SegmentName | None = Field(None, description="segment; null: all customers")


class Severe(Arguments):
    """How severe findings are."""

    severity: Literal["info", "warning", "serious"] | None = Field(None, description="null: all")


class OneCheck(Arguments):
    """A check of the readings."""

    check: CheckName = Field(description="name of the check")


class OneTest(Arguments):
    """A cost test."""

    test: Literal["trc", "pac", "rim", "participant"] | None = Field(
        None,
        description="total resource cost, program administrator cost, ratepayer impact, participant; null: all",
    )


class OfSegmentOrAll(Arguments):
    """One segment, or all customers."""

    segment: SegmentName | None = Field(None, description="segment; null: all customers")


class Topic(Arguments):
    """A part of the method."""

    topic: Literal["overview", "settings", "versions", "inputs"] = Field(
        "overview",
        description="overview: how segments are made; settings, versions, inputs: what the run used",
    )


class Term(Arguments):
    """A term of the glossary."""

    term: str = Field(min_length=1, max_length=100, description="a term of the glossary")


class Changed(Arguments):
    """What of the change since an earlier run."""

    aspect: Literal["overview", "moved", "segment", "new_loads", "weather", "program"] = Field(
        "overview",
        description="overview: in short; moved: customers who changed segment; segment: how one segment changed; new_loads: cars, panels and the "
        "like that were not there before; weather: what the weather explains; program: what became of last time's offers",
    )
    segment: SegmentName | None = Field(None, description="with aspect segment: which")


class OneFigure(Arguments):
    """A figure of the report."""

    figure: FigureName = Field(
        description="overlay: members and centroid of a segment; week: its weekday and weekend"
    )
    segment: SegmentName | None = Field(None, description="for overlay and week: which segment")


class OneCustomer(Arguments):
    """One customer."""

    customer_id: CustomerId


class FirstTargets(Arguments):
    """The start of the list."""

    count: int = Field(10, ge=1, le=100, description="how many customers")


class Change(Arguments):
    """What is otherwise; what is null stays as in the run."""

    goal_kw: float | None = Field(None, ge=0, description="load reduction wanted at the peak [kW]")
    budget: float | None = Field(None, ge=0, description="most to spend, in the currency of the costs")
    customers_max: int | None = Field(None, ge=0, description="most customers to make an offer to")
    participation: float | None = Field(
        None, gt=0, le=1, description="share of offers that are accepted, 0 to 1"
    )
    cost_per_offer: float | None = Field(None, ge=0, description="cost of an offer, such as a letter")
    cost_per_enrolment: float | None = Field(None, ge=0, description="cost of an enrolment, such as a device")


@dataclass(frozen=True)
class Query:
    """One thing that can be asked."""

    name: str
    arguments: type[Arguments]
    answers: str
    """What the answer says."""
    example: str
    """A question; ``{segment}``, ``{other}`` and ``{customer}`` stand for those of a run."""
    of_customers: bool = False
    """It says something of single customers."""


_NO = Arguments
_ALL = (
    Query("summary", _NO, "The result in short: whom to offer what, and what it brings.", "What do you recommend?"),
    Query("goal", _NO, "The reduction wanted and the one expected, with its range; whether the goal is reached, and how likely.", "Do we reach the goal?"),
    Query("uncertainty", _NO, "What makes the expected reduction unsure, and by how much.", "Why is the range so wide?"),
    Query("programs", _NO, "All programs that are offered, to which segments, with offers and reduction.", "Which programs do you recommend?"),
    Query("program", OfProgram, "One program: to whom it is offered, what it brings, its published effect and where that comes from.", "Who should get the critical-peak price?"),
    Query("segment_program", OfSegment, "The program that fits a segment, the second best, and why.", "What should we offer {segment}?"),
    Query("count", What, "How many there are of one thing.", "How many customers were used?"),
    Query("segments", _NO, "Which segments there are, with their sizes.", "Which segments are there?"),
    Query("segment", SegmentMetric, "One segment: one figure of it, or what it is.", "How much does {segment} draw at the peak?"),
    Query("rank_segments", Ranking, "Segments in order of a figure.", "Which segment has the highest load at the peak?"),
    Query("compare_segments", Pair, "Two segments side by side.", "Compare {segment} and {other}."),
    Query("why_label", OfSegment, "The rule that gave a segment its label, with its numbers.", "Why is {segment} called that?"),
    Query("how_chosen", _NO, "How the customers on the list were chosen and put in order.", "How did you choose whom to offer a program?"),
    Query("why_not_targets", Reason, "Why customers are not on the list, and how many by each reason.", "Why are so many customers not on the list?"),
    Query("strategies", OneStrategy, "How many offers other ways of choosing customers would need for the same goal.", "How much better is the list than choosing at random?"),
    Query("concentration", _NO, "What share of the load above baseload at the peak a few customers carry.", "How concentrated is the load at the peak?"),
    Query("enrolment", _NO, "What is known of how many accept an offer, and what that stands on.", "How many will say yes?"),
    Query("events", _NO, "What events that happened were worth.", "What did our events save?"),
    Query("fairness", _NO, "Who is offered a program, by protected attributes.", "Is the list fair?"),
    Query("cost_tests", OneTest, "What the program is worth in money, by the cost tests.", "Is the program worth its costs?"),
    Query("bills", OfSegmentOrAll, "What customers pay under the current tariff, and would under the proposed one.", "What does the new tariff do to bills?"),
    Query("plant", _NO, "What can be bid as a virtual power plant, hour by hour of an event day.", "How much can we bid?"),
    Query("peak_hours", _NO, "Which hours count as the system's peak, and how they were found.", "When is the peak?"),
    Query("technology", DeviceOf, "How many customers show a sign of a device.", "How many customers have an electric car?"),
    Query("period", _NO, "The dates, days and time zone of the readings.", "Which period is this?"),
    Query("data_quality", _NO, "How complete the readings are, and what was used of them.", "How good is the data?"),
    Query("left_out", _NO, "Which customers were left out of the analysis, and why.", "Why were customers left out?"),
    Query("findings", Severe, "What a reader must know: the run's findings.", "Are there any warnings?"),
    Query("check", OneCheck, "What one check of the readings found.", "Were there any spikes?"),
    Query("why_k", _NO, "Why there are as many segments as there are.", "Why this number of segments?"),
    Query("reliability", _NO, "How far the segments can be trusted: stability, separation, days they have not seen.", "Can we trust the segments?"),
    Query("method", Topic, "How the run was made.", "Which method was used?"),
    Query("glossary", Term, "What a term means.", "What is a load factor?"),
    Query("change", Changed, "What changed since the earlier run.", "What changed since last quarter?"),
    Query("figure", OneFigure, "Where a figure is, and what it shows.", "Show me the gains curve."),
    Query("limits", _NO, "What the report can't say, and what to read before acting on it.", "What are the limits of this?"),
    Query("what_if", Change, "The list for another goal, budget, number of offers, participation or cost, recomputed.", "What if only 20 % take part?"),
    Query("customer", OneCustomer, "One customer: segment, load, place on the list.", "Tell me about customer {customer}.", True),
    Query("why_target", OneCustomer, "Why a customer is on the list, or not.", "Why is customer {customer} a target?", True),
    Query("target_list", FirstTargets, "The first customers of the list.", "Who are the top 10 targets?", True),
    Query("help", _NO, "What can be asked.", "What can I ask?"),
)  # fmt: skip


@cache
def queries() -> dict[str, Query]:
    """All queries by name, in the order of the documentation."""
    return {query.name: query for query in _ALL}
