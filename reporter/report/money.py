"""Money, bills and the power plant, as templates see them."""

from dataclasses import dataclass
from typing import Literal

from reporter.facts import Facts
from reporter.money.cost_tests import ROLES, TESTS, Item, Test
from reporter.money.rows import BillGroup, Bills, InputTurn, Money, ProgramCase, TestResult
from reporter.targets.rows import GroupShare, Plant, PlantRow, StandIn

_TURNS_MAX = 8
_PLANT_MAX = 10

MoneyCase = Literal["worth", "turns", "not-worth", "nothing"]


@dataclass(frozen=True)
class ItemView:
    """A benefit or a cost of all programs, and what each test makes of it."""

    item: Item
    value: float
    roles: dict[Test, int]
    """Test → 1 where it counts as a benefit, −1 as a cost, 0 not at all."""


@dataclass(frozen=True)
class CaseView:
    """A program's case."""

    case: ProgramCase
    tests: dict[Test, TestResult]


@dataclass(frozen=True)
class MoneyView:
    """What the offers are worth."""

    money: Money
    case: MoneyCase
    """``turns``: the total resource cost test changes sign within the range of the published effect."""
    trc: TestResult
    portfolio: CaseView
    programs: list[CaseView]
    """Each by itself, where there are several."""
    items: list[ItemView]
    """Those that are not nothing."""
    turns: list[InputTurn]
    turning: list[InputTurn]
    """Those within whose range the result changes sign."""
    not_given: list[str]
    """Keys that count as nothing in some program."""
    priced: bool
    """What customers pay is known."""


@dataclass(frozen=True)
class BillView:
    """Bills of some customers."""

    row: BillGroup
    name: str
    place: int
    """Of the segment, from 1."""


@dataclass(frozen=True)
class BillsView:
    """What a tariff does to bills."""

    bills: Bills
    segments: list[BillView]
    hardest: BillView | None
    """The segment with the largest share whose bill rises hard, of equals the one whose mean bill rises most, where there is one."""
    best: BillView | None
    """The segment whose mean bill falls most."""


@dataclass(frozen=True)
class GroupView:
    """Customers with one value of an attribute."""

    share: GroupShare
    bill: BillGroup | None
    """Their bills, where a tariff is given."""


@dataclass(frozen=True)
class FairnessView:
    """Who is offered what, and to whom bills do what."""

    groups: list[GroupView]
    told: GroupShare | None
    """The group with clearly fewer offers than all others that the heading names: one of those who could be offered a program before one of all."""
    by_choice: bool
    """Clearly fewer among those who could be offered a program: the choice does it, and not only who can be asked."""
    columns: list[str]
    stand_ins: list[StandIn]
    bills: Bills | None
    hardest: BillGroup | None
    """The group with the largest share whose bill rises hard, where there is one."""


@dataclass(frozen=True)
class PlantRowView:
    """A program in a segment."""

    row: PlantRow
    segment: str
    place: int
    """Of the segment, from 1."""


@dataclass(frozen=True)
class PlantView:
    """What can be bid."""

    plant: Plant
    rows: list[PlantRowView]
    more_rows: int
    bid_last_hour: int | None
    """Hour at which the event that is bid ends."""
    outside: bool
    """There are peak hours outside it."""
    enough_kw: bool
    enough_hours: bool


def money_view(facts: Facts) -> MoneyView | None:
    """The page on the cost tests."""
    money = facts.money
    if money is None:
        return None
    portfolio = _case(money.portfolio)
    trc = portfolio.tests["trc"]
    priced = portfolio.tests["rim"].net is not None
    return MoneyView(
        money=money,
        case=_verdict(trc, bool(money.programs)),
        trc=trc,
        portfolio=portfolio,
        programs=[_case(case) for case in money.programs] if len(money.programs) > 1 else [],
        items=[
            ItemView(row.item, row.value, {test: ROLES[row.item].get(test, 0) for test in TESTS})
            for row in money.portfolio.items
            if row.value
        ],
        turns=money.turns[:_TURNS_MAX],
        turning=[row for row in money.turns if row.turns],
        not_given=list(dict.fromkeys(name for case in money.programs for name in case.not_given)),
        priced=priced,
    )


def _places(facts: Facts) -> dict[str, tuple[int, str]]:
    """Segment → its place, from 1, and its title."""
    return {segment.segment_id: (place, segment.title) for place, segment in enumerate(facts.segments, 1)}


def _case(case: ProgramCase) -> CaseView:
    return CaseView(case, {row.test: row for row in case.tests})


def _verdict(trc: TestResult, counted: bool) -> MoneyCase:
    if not counted:
        return "nothing"
    if (trc.low_net or 0.0) >= 0:
        return "worth"
    return "turns" if (trc.high_net or 0.0) >= 0 else "not-worth"


def bills_view(facts: Facts) -> BillsView | None:
    """The page on bills."""
    bills = facts.bills
    if bills is None:
        return None
    known = _places(facts)
    segments = [
        BillView(row, known[row.value][1], known[row.value][0])
        for row in bills.segments
        if row.value in known
    ]
    hardest = max(
        segments, key=lambda view: (view.row.hard_share or 0.0, view.row.change or 0.0), default=None
    )
    best = min(segments, key=lambda view: view.row.change or 0.0, default=None)
    return BillsView(
        bills=bills,
        segments=segments,
        hardest=hardest if hardest is not None and hardest.row.hard_share else None,
        best=best if best is not None and (best.row.change or 0.0) < 0 else None,
    )


def fairness_view(facts: Facts) -> FairnessView | None:
    """The page on fairness; none where the customer file has no attribute to look at."""
    shares, bills = facts.targets.groups, facts.bills
    if not shares:
        return None
    paid = {(row.column, row.value or "not known"): row for row in bills.groups} if bills else {}
    groups = [GroupView(row, paid.get((row.column, row.value))) for row in shares]
    hit = [group.bill for group in groups if group.bill is not None and group.bill.hard_share]
    told = next((row for row in shares if row.eligible_notable), None)
    by_choice = told is not None
    return FairnessView(
        groups=groups,
        told=told or next((row for row in shares if row.notable), None),
        by_choice=by_choice,
        columns=list(dict.fromkeys(row.column for row in shares)),
        stand_ins=facts.targets.stand_ins,
        bills=bills if bills is not None and bills.proposed is not None and paid else None,
        hardest=max(hit, key=lambda row: row.hard_share or 0.0, default=None),
    )


def plant_view(facts: Facts) -> PlantView | None:
    """The page on the power plant; none where neither rules of a bid nor a rebound are given: the hours are in vpp.csv then."""
    plant = facts.targets.plant
    if plant is None or (plant.accepted is None and not plant.total.rebound):
        return None
    known = _places(facts)
    rows = [
        PlantRowView(row, known[row.segment_id][1], known[row.segment_id][0])
        for row in plant.rows
        if row.segment_id in known
    ]
    return PlantView(
        plant=plant,
        rows=rows[:_PLANT_MAX],
        more_rows=len(rows[_PLANT_MAX:]),
        bid_last_hour=None if plant.bid_first_hour is None else plant.bid_first_hour + plant.bid_hours,
        outside=len(plant.total.hours) > plant.bid_hours,
        enough_kw=plant.bid_kw >= (plant.min_bid_kw or 0.0),
        enough_hours=plant.bid_hours >= (plant.min_hours or 1),
    )
