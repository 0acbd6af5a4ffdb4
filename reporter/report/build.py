"""Facts → `ReportContext`: which facts a page shows, in which order. What is worked out from them is in `facts.tell`."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reporter import resources
from reporter.facts import Candidate, DeviceSign, Facts, Period, Segment, SegmentStory, Selection, Story, tell
from reporter.figures import numbers, peak_blocks
from reporter.figures.registry import Drawn
from reporter.findings import Finding
from reporter.report.change import change_view
from reporter.report.context import (
    CitedSource,
    ClassView,
    Decision,
    DecisionCase,
    FindingGroup,
    Medium,
    Need,
    PeakDay,
    ProgramView,
    RangeNote,
    ReportContext,
    SegmentView,
    StrategyView,
    TargetLine,
    Trust,
    Vote,
    Who,
    Why,
    figure_views,
)
from reporter.report.events import events_view
from reporter.report.money import bills_view, fairness_view, money_view, plant_view
from reporter.report.potential import potential_view
from reporter.report.theme import Theme

if TYPE_CHECKING:
    import pandas as pd

_OPTIONAL = (
    "customers",
    "enrolment",
    "system load",
    "temperature",
    "events",
    "outages",
    "programs",
    "costs",
    "tariff",
)
"""Roles of the files that a run can do without, as in the facts' list of inputs."""
_ROWS_MAX = 5
_LINES_MAX = 500
"""Lines of the list on the page: more belong into a spreadsheet."""
_MARK_SHARE, _MARK_RATIO = 0.2, 1.5
"""Share of the members, and how many times that of all, from which a device marks a segment."""
_BLURRED_SHARE = 0.1
_BY_LOT = 0.03
"""What an order must bring beyond its share of the customers to be better than none."""
_HOLDOUT_TELLS = 500
"""Customers held back whose loads, each off by half from day to day, tell a twentieth less (a fifth taken up by a quarter) from nothing."""
_SEVERITY = {"serious": 0, "warning": 1, "info": 2}
_WEIGHTY = (
    "outside-peak-season", "no-structure", "customers-without-attributes", "declined-before", "goal-not-reached", "unstable-segments",
    "no-customer-attributes", "no-exclusion-column", "weak-segments", "small-program", "sample-peak", "timezone-assumed",
)  # fmt: skip
"""Findings that bear on the decision, the weightiest first; of equal severity these come before the others."""


def build_context(
    facts: Facts,
    figures: dict[str, Drawn],
    theme: Theme,
    medium: Medium,
    paper: str,
    made_epoch: int | None,
    targets: "pd.DataFrame | None" = None,
) -> ReportContext:
    """Everything that a template can show."""
    sources = _sources(facts)
    blocks = peak_blocks(facts)
    programs = [
        _program(row.segment_id, index, facts, sources) for index, row in enumerate(facts.targets.programs)
    ]
    # A run of the time before has no story of its own.
    story = facts.story or tell(facts)
    segments = [
        _segment(place, segment, own, facts, programs)
        for place, (segment, own) in enumerate(zip(facts.segments, story.segments, strict=True), 1)
    ]
    context = ReportContext(
        facts=facts,
        story=story,
        theme=theme,
        medium=medium,
        paper=paper,
        title=theme.title,
        period_name=period_name(facts.period, theme),
        made=None if made_epoch is None else datetime.fromtimestamp(made_epoch, UTC).date().isoformat(),
        sections=[],
        decision=_decision(facts, story, programs, segments),
        why=_why(facts, story, segments),
        who=_who(segments),
        segments=segments,
        trust=_trust(facts, segments),
        sources=sources,
        glossary=resources.glossary(),
        peak_blocks=blocks,
        peak_days=_peak_days(facts),
        figures=figure_views(figures),
        change=change_view(facts.change) if facts.change is not None else None,
        events=events_view(facts),
        plant=plant_view(facts),
        money=money_view(facts),
        bills=bills_view(facts),
        fairness=fairness_view(facts),
        potential=potential_view(facts, segments, programs),
        targets=target_lines(facts, targets.head(_LINES_MAX))
        if targets is not None and medium == "screen"
        else [],
    )
    empty = {
        "glossary": not context.glossary,
        "change": context.change is None,
        "events": context.events is None,
        "potential": context.potential is None,
        "plant": context.plant is None,
        "money": context.money is None,
        "bills": context.bills is None,
        "fairness": context.fairness is None,
        "enrolment": facts.targets.participation is None,
        "list": not context.targets,
        "questions": not facts.questions,
        "reach": "reach" not in context.figures,
    }
    sections = [name for name in theme.sections if not empty.get(name, False)]
    return ReportContext(**{**vars(context), "sections": sections})


def target_lines(facts: Facts, targets: "pd.DataFrame") -> list[TargetLine]:
    """Lines of the list as templates see them, from the columns of ``targets.csv`` as text."""
    titles = {row.program: row.title for row in facts.targets.programs}
    return [
        TargetLine(
            rank=int(row["target_rank"]),
            customer_id=row["customer_id"],
            segment=row["segment_label"],
            program=titles.get(row["program"], row["program"]),
            group=row["group"],
            expected_kw=float(row["expected_kw"]),
            reason=row["reason"],
        )
        for row in targets.to_dict("records")
    ]


def period_name(period: Period, theme: Theme) -> str:
    """The label of a period; its dates as people write them where the label is only dates."""
    with numbers.speaking(theme.speech):
        dates = numbers.day_range(period.start, period.end)
    return dates if period.start.isoformat() in period.label else period.label


def by_severity(findings: Sequence[Finding]) -> list[Finding]:
    """The most serious first; of equals, those that bear on the decision, then in their own order."""
    weight = {name: place for place, name in enumerate(_WEIGHTY)}
    return sorted(
        findings, key=lambda finding: (_SEVERITY[finding.severity], weight.get(finding.name, len(weight)))
    )


def _sources(facts: Facts) -> list[CitedSource]:
    cited: dict[tuple[str, str], CitedSource] = {}
    for row in facts.targets.programs:
        if row.source is None:
            continue
        key = (row.source.citation, row.source.basis)
        entry = cited.setdefault(key, CitedSource(len(cited) + 1, row.source, [], []))
        if row.title not in entry.programs:
            entry.programs.append(row.title)
        if row.range_note not in entry.notes:
            entry.notes.append(row.range_note)
    return list(cited.values())


def _program(segment_id: str, index: int, facts: Facts, sources: list[CitedSource]) -> ProgramView:
    row = facts.targets.programs[index]
    place, segment = next(
        (place, segment)
        for place, segment in enumerate(facts.segments, 1)
        if segment.segment_id == segment_id
    )
    number = next((entry.number for entry in sources if entry.source == row.source), None)
    return ProgramView(row, segment, place, number)


def _segment(
    place: int, segment: Segment, story: SegmentStory, facts: Facts, programs: list[ProgramView]
) -> SegmentView:
    labels = Counter(other.label for other in facts.segments)
    targets = facts.targets
    return SegmentView(
        segment=segment,
        place=place,
        label_unique=labels[segment.label] == 1,
        story=story,
        signs=sorted((sign for sign in segment.technology if sign.customers), key=lambda sign: -sign.share),
        marks=_marks(segment, facts),
        programs=[program for program in programs if program.segment.segment_id == segment.segment_id],
        event=next((row for row in targets.event_hours if row.segment_id == segment.segment_id), None),
        match=next((row for row in targets.matches if row.segment_id == segment.segment_id), None),
        overlay=f"overlay-{place:02d}",
        week=f"week-{place:02d}",
    )


def _marks(segment: Segment, facts: Facts) -> list[DeviceSign]:
    """Devices much more common in the segment than among all customers."""
    everywhere = {sign.technology: sign.share for sign in facts.technology.signs} if facts.technology else {}
    return [
        sign
        for sign in segment.technology
        if sign.share >= _MARK_SHARE and sign.share >= _MARK_RATIO * everywhere.get(sign.technology, 0)
    ]


def _decision(
    facts: Facts, story: Story, programs: list[ProgramView], segments: list[SegmentView]
) -> Decision:
    targets = facts.targets
    offered = [program for program in programs if program.row.offers > 0]
    case: DecisionCase = "nothing" if not offered else "provisional" if targets.provisional else "offer"
    shown, rest = offered[:_ROWS_MAX], offered[_ROWS_MAX:]
    places = list(dict.fromkeys(program.segment_place for program in offered))
    first = offered[0] if len(offered) > 1 and case == "offer" else None
    findings = by_severity(facts.quality.findings)
    return Decision(
        case=case,
        offers=targets.recommended_offers,
        segments=[segments[place - 1] for place in places],
        program_titles=list(dict.fromkeys(program.row.title for program in offered)),
        low_kw=story.size_low_kw,
        high_kw=story.size_high_kw,
        expected_kw=targets.expected_kw,
        low_reaches_goal=targets.low_kw >= targets.goal_kw,
        rows=shown,
        first=first,
        more_rows=len(rest),
        caveats=[finding for finding in findings if finding.severity != "info" and finding.name in _WEIGHTY][
            :3
        ],
        range_notes=list(
            {
                view.row.program: RangeNote(view.row.title, view.source_number, view.row.range_note)
                for view in offered
            }.values()
        ),
        small_holdout=0 < targets.holdout < _HOLDOUT_TELLS,
        effects_differ=len({view.row.effect_share for view in offered}) > 1,
        needs=_needs(facts),
    )


def _needs(facts: Facts) -> list[Need]:
    names = {finding.name for finding in facts.quality.findings}
    wanted: list[tuple[bool, Need]] = [
        (facts.targets.provisional, "season"),
        (
            bool(names & {"no-customer-attributes", "customers-without-attributes", "no-exclusion-column"}),
            "customers",
        ),
        (facts.targets.enrolment_basis == "none", "enrolment"),
        (facts.targets.peak_hours.source == "sample", "system-load"),
        (facts.targets.goal_source == "default", "goal"),
    ]
    return [need for holds, need in wanted if holds]


def _why(facts: Facts, story: Story, segments: list[SegmentView]) -> Why:
    named = {view.segment.segment_id: view for view in segments}
    views = [
        StrategyView(strategy, told.times_targeted)
        for strategy, told in zip(facts.targets.strategies, story.strategies, strict=True)
    ]
    ways = {view.strategy.strategy: view for view in views}
    return Why(
        segments=[named[segment_id] for segment_id in story.why_segments],
        strategies=views if facts.targets.programs else [],
        random=ways.get("random"),
        bill=ways.get("highest-bill"),
        bill_as_by_lot=story.gains_highest_bill < story.gains_share + _BY_LOT,
    )


def _who(segments: list[SegmentView]) -> Who:
    """Of segments that stand alone, where there are such: those that a report for others shows together have no shape of their own."""
    alone = [view for view in segments if view.segment.label != "other"] or segments
    return Who(
        most=max(alone, key=lambda view: view.segment.customers),
        weightiest=max(alone, key=lambda view: view.segment.coincident_share),
    )


def _trust(facts: Facts, segments: list[SegmentView]) -> Trust:
    selection = facts.selection
    classes = facts.within.classes if facts.within else []
    findings = by_severity(facts.quality.findings)
    severities = list(dict.fromkeys(finding.severity for finding in findings))
    return Trust(
        excluded=[entry for entry in facts.quality.excluded if entry.customers > 0],
        findings=[
            FindingGroup(severity, [finding for finding in findings if finding.severity == severity])
            for severity in severities
        ],
        chosen=_chosen(selection),
        candidates=selection.candidates,
        votes=_votes(selection) if len(selection.candidates) > 1 else [],
        blurred=sorted(
            (view for view in segments if (view.story.outside_share or 0) >= _BLURRED_SHARE),
            key=lambda view: -(view.story.outside_share or 0),
        ),
        not_targets=[entry for entry in facts.targets.not_targets if entry.customers > 0],
        not_given=_not_given(facts),
        classes=[ClassView(one, _chosen(one.selection)) for one in classes],
        class_shown=next((one.name for one in classes if one.selection is facts.choice_shown), None),
    )


def _chosen(selection: Selection) -> Candidate | None:
    return next((item for item in selection.candidates if item.k == selection.k), None)


def _votes(selection: Selection) -> list[Vote]:
    named = {
        "elbow": selection.elbow_k,
        "silhouette": selection.silhouette_k,
        "Calinski–Harabasz": selection.calinski_harabasz_k,
        "Davies–Bouldin": selection.davies_bouldin_k,
        "stability": selection.stability_k,
        "usefulness": selection.usefulness_k,
    }
    return [Vote(name, k) for name, k in named.items() if k is not None]


def _not_given(facts: Facts) -> list[str]:
    """What the run did not have: optional files, and what their columns or the settings would say."""
    given = {file.role for file in facts.method.inputs} if facts.method else set()
    if facts.method is None:
        return []
    plant = plant_view(facts)
    more = [
        ("attributes", "customers" in given and not facts.targets.groups),
        ("bid", facts.targets.plant is not None and plant is None),
    ]
    return [role for role in _OPTIONAL if role not in given] + [name for name, lacks in more if lacks]


def _peak_days(facts: Facts) -> list[PeakDay]:
    days: dict[str, list[int]] = defaultdict(list)
    for hour in facts.targets.peak_hours.hours:
        days[hour.start[:10]].append(int(hour.start[11:13]))
    return [PeakDay(day, sorted(days[day])) for day in sorted(days)]
