"""What templates see: facts, and everything worked out from them. A template never computes.

Templates reach these objects as ``report``. Numbers stay numbers; the filters give them units and digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from reporter.facts import (
    Candidate,
    ClassSelection,
    DeviceSign,
    EndUseLoad,
    EventHour,
    Exclusion,
    Facts,
    NotTarget,
    ProgramRow,
    Segment,
    SegmentEvent,
    SegmentMatch,
    SegmentStory,
    Source,
    Story,
    Strategy,
)
from reporter.figures.registry import DataTable, Drawn
from reporter.figures.style import Width
from reporter.findings import Finding, Severity
from reporter.report.change import ChangeView
from reporter.report.events import EventsView
from reporter.report.money import BillsView, FairnessView, MoneyView, PlantView
from reporter.report.theme import Theme
from reporter.resources import Term

Medium = Literal["screen", "print"]
DecisionCase = Literal["offer", "provisional", "nothing"]
Need = Literal["enrolment", "system-load", "customers", "goal", "season"]


class Placed(Protocol):
    """Something with a segment's colour."""

    @property
    def place(self) -> int:
        """From 1, in canonical order."""


class PageContext(Protocol):
    """What the stylesheet and the fonts need of any page's context."""

    @property
    def theme(self) -> Theme:
        """The resolved theme."""

    @property
    def medium(self) -> Medium:
        """Screen or print."""

    @property
    def paper(self) -> str:
        """Paper of the PDF."""

    @property
    def segments(self) -> Sequence[Placed]:
        """Segments that the page names, for their colours."""


@dataclass(frozen=True)
class FigureView:
    """A figure as templates see it: pictures and words, no way back to the plotting library."""

    name: str
    width: Width
    svg: str
    svg_narrow: str | None
    """The same at half width, for phones, where the first is of full width."""
    alt: str
    data: DataTable
    day: tuple[float, float] | None = None
    """Where the day begins and ends, as shares of the picture's width, where it shows hours and nothing else."""
    day_narrow: tuple[float, float] | None = None


def figure_views(drawn: Mapping[str, Drawn]) -> dict[str, FigureView]:
    """Figures as templates see them."""
    return {
        name: FigureView(
            name,
            figure.width,
            figure.svg,
            figure.svg_narrow,
            figure.alt,
            figure.data,
            figure.day,
            figure.day_narrow,
        )
        for name, figure in drawn.items()
    }


@dataclass(frozen=True)
class CitedSource:
    """A source of a published effect, numbered in the order of first use."""

    number: int
    source: Source
    programs: list[str]
    """Titles of the programs that cite it."""
    notes: list[str]
    """What the ends of the ranges are."""


@dataclass(frozen=True)
class ProgramView:
    """A program offered to a segment."""

    row: ProgramRow
    segment: Segment
    segment_place: int
    """From 1, in canonical order."""
    source_number: int | None


@dataclass(frozen=True)
class RangeNote:
    """What the ends of a program's published range are."""

    title: str
    source_number: int | None
    text: str


@dataclass(frozen=True)
class SegmentView:
    """A segment and what its page says about it."""

    segment: Segment
    place: int
    """From 1, in canonical order."""
    label_unique: bool
    """No other segment has the label, so that it can be named by it."""
    story: SegmentStory
    """What its headings say."""
    signs: list[DeviceSign]
    """Devices of which members show a sign, most first."""
    marks: list[DeviceSign]
    """Those of them that are much more common here than among all."""
    programs: list[ProgramView]
    match: SegmentMatch | None
    """The program that fits it best, and the second best."""
    event: SegmentEvent | None
    """What it has above baseload over a whole event."""
    overlay: str
    """Name of the figure with the members' shapes."""
    week: str
    """Name of the figure with weekdays and weekends."""


@dataclass(frozen=True)
class Decision:
    """Page one."""

    case: DecisionCase
    offers: int
    segments: list[SegmentView]
    """Those with offers, largest effect first."""
    program_titles: list[str]
    """Programs with offers, each once."""
    low_kw: float
    high_kw: float
    expected_kw: float
    low_reaches_goal: bool
    rows: list[ProgramView]
    """The largest of those with offers."""
    first: ProgramView | None
    """The row with the largest effect, where there are more and some of it is to be offered."""
    more_rows: int
    caveats: list[Finding]
    """The findings that matter most, at most three."""
    range_notes: list[RangeNote]
    """What the ends of the ranges are, for each program with offers."""
    small_holdout: bool
    """Too few are held back to measure the effect against them alone."""
    effects_differ: bool
    """The programs with offers have different published effects, so that not load alone decides."""
    needs: list[Need]


@dataclass(frozen=True)
class PotentialRow:
    """A segment."""

    view: SegmentView
    event: SegmentEvent | None
    uses: dict[str, EndUseLoad | None]
    """End use → its load; none where it is not known."""
    hours: dict[int, EventHour | None]
    """Hour of the day → what is above baseload in it."""


@dataclass(frozen=True)
class PotentialProgram:
    """A program with offers in a segment."""

    view: ProgramView
    uses: dict[str, EndUseLoad | None]


@dataclass(frozen=True)
class PotentialView:
    """What could move, by end use and over an event."""

    rows: list[PotentialRow]
    uses: list[str]
    """End uses that somebody has, in order."""
    nobody: list[str]
    """End uses that are known, and that nobody has."""
    without_temperature: bool
    """Heating and cooling are not known of anybody."""
    hours: list[int]
    """Hours of the day among the peak hours, in order of the clock; those with most peak hours where there are many."""
    more_hours: bool
    by_heat: bool
    """Hot and mild peak days are told apart."""
    days_for_a_range: int
    """Peak days with an hour below which its mean is shown without a range."""
    consistency_differs: bool
    """In how many of the peak hours the load is there is not the same for all segments."""
    programs: list[PotentialProgram]
    most: SegmentView | None
    """The segment with most above baseload per customer, where there are several."""
    most_use: EndUseLoad | None
    """The largest part of that, among those with a name of their own."""


@dataclass(frozen=True)
class StrategyView:
    """A way of choosing customers, against the targeted one."""

    strategy: Strategy
    times_targeted: float | None
    """Offers needed ÷ those of the targeted list."""


@dataclass(frozen=True)
class Why:
    """Page two."""

    segments: list[SegmentView]
    """Those with offers, else those with a notable part of the peak; largest part of the peak first."""
    strategies: list[StrategyView]
    random: StrategyView | None
    bill: StrategyView | None
    bill_as_by_lot: bool
    """The highest bills bring hardly more than customers drawn by lot."""


@dataclass(frozen=True)
class Who:
    """Page three."""

    most: SegmentView
    """Most customers."""
    weightiest: SegmentView
    """Largest share of the load in the peak hours."""


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one severity."""

    severity: Severity
    findings: list[Finding]


@dataclass(frozen=True)
class Vote:
    """What one criterion alone would say about the number of segments."""

    name: str
    k: int


@dataclass(frozen=True)
class ClassView:
    """A class of customers that was segmented by itself."""

    choice: ClassSelection
    chosen: Candidate | None
    """The number of segments chosen, as tried; none for a single segment."""


@dataclass(frozen=True)
class Trust:
    """What the analyst asks."""

    excluded: list[Exclusion]
    findings: list[FindingGroup]
    """Most serious first."""
    chosen: Candidate | None
    candidates: list[Candidate]
    votes: list[Vote]
    """What each criterion alone would say; none where only one number was tried."""
    blurred: list[SegmentView]
    """Segments of whose sampled members a tenth or more lie nearer to another one, the worst first."""
    not_targets: list[NotTarget]
    not_given: list[str]
    """Optional files that the run did not have, by role; ``attributes`` and ``bid`` where a column or a setting is missing."""
    classes: list[ClassView]
    """Where segments were made class by class."""
    class_shown: str | None
    """The class that the figures of the choice are of; none where they are of all."""


@dataclass(frozen=True)
class PeakDay:
    """Peak hours of one day."""

    day: str
    hours: list[int]


@dataclass(frozen=True)
class TargetLine:
    """A line of ``targets.csv``."""

    rank: int
    customer_id: str
    segment: str
    """Label of the rule that named the segment."""
    program: str
    """Title of the program."""
    group: str
    """``offer`` or ``holdout``."""
    expected_kw: float
    reason: str


@dataclass(frozen=True)
class ReportContext:
    """Everything that a template can show."""

    facts: Facts
    story: Story
    """Numbers worked out from the other facts, as in facts.json."""
    theme: Theme
    medium: Medium
    paper: str
    title: str
    period_name: str
    """The period's label, where it says more than its dates."""
    made: str | None
    """Date of making (ISO); only where the user sets ``SOURCE_DATE_EPOCH``."""
    sections: list[str]
    """Names of the sections with something to say, in order."""
    decision: Decision
    why: Why
    who: Who
    segments: list[SegmentView]
    trust: Trust
    sources: list[CitedSource]
    glossary: list[Term]
    peak_blocks: list[tuple[int, int]]
    """Hours of the day that count as peak, as [first, last)."""
    peak_days: list[PeakDay]
    figures: dict[str, FigureView]
    potential: PotentialView | None
    """What could move, by end use and over an event."""
    change: ChangeView | None
    """What changed since the run given with ``--previous``."""
    events: EventsView | None
    """What the events of ``--events`` were worth."""
    plant: PlantView | None
    """What the offers can bid, where there are any."""
    money: MoneyView | None
    """What they are worth, by the file of ``--costs``."""
    bills: BillsView | None
    """What the file of ``--tariff`` does to bills."""
    fairness: FairnessView | None
    """Who is offered what, where the customer file has attributes to look at."""
    targets: list[TargetLine]
    """The first lines of the list, on screen; none on paper."""
