"""The rows of money that facts hand on as they are: each described once, here.

Money is in the currency of the costs or tariff file: present values over the life of the measure, unless a name says otherwise.
"""

from pydantic import BaseModel, ConfigDict, Field

from reporter.money.cost_tests import Input, Item, Test


class Row(BaseModel):
    """A row of facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TestResult(Row):
    """What one of the four tests says."""

    test: Test = Field(
        description="trc: total resource cost; pac: program administrator (utility) cost; rim: ratepayer impact measure; participant"
    )
    benefits: float | None = Field(
        description="at the published effect; null where it is not known what customers pay for energy"
    )
    costs: float | None = Field(description="at the published effect")
    net: float | None = Field(description="benefits less costs")
    ratio: float | None = Field(description="benefits ÷ costs; null without costs")
    low_net: float | None = Field(description="net at the low end of the published effect")
    high_net: float | None = Field(description="net at the high end")
    low_ratio: float | None = Field(description="ratio at the low end of the published effect")
    high_ratio: float | None = Field(description="ratio at the high end")


class ItemValue(Row):
    """A benefit or a cost."""

    item: Item = Field(description="stable name")
    value: float = Field(description="present value at the published effect")


class ProgramCase(Row):
    """A program's case, or that of all programs together."""

    program: str | None = Field(description="id of the program; null for all together")
    title: str = Field(description="in words")
    offers: int = Field(description="offers")
    enrolments: float = Field(
        description="enrolments expected of them; where take-up is not known, all offers"
    )
    low_kw: float = Field(description="reduction at the meter, at the low end of the published effect [kW]")
    kw: float = Field(description="at the published effect [kW]")
    high_kw: float = Field(description="at the high end [kW]")
    hours_a_year: float | None = Field(description="hours of events a year; null where that is not known [h]")
    derating: float | None = Field(description="A × B × C: part of the reduction that counts as capacity")
    items: list[ItemValue] = Field(description="benefits and costs")
    tests: list[TestResult] = Field(description="the four tests")
    not_given: list[str] = Field(description="keys of the costs file that are not given and count as nothing")


class InputTurn(Row):
    """How one input moves the portfolio's total resource cost test, all others as given."""

    input: Input = Field(description="which; reduction: kW per enrolment; enrolments: how many accept")
    value: float | None = Field(description="as given, where it is a single number")
    low: float = Field(description="times the value that the low end stands for")
    high: float = Field(description="times the value that the high end stands for")
    low_net: float = Field(description="net benefit at the low end")
    high_net: float = Field(description="net benefit at the high end")
    break_even: float | None = Field(
        description="times the value at which benefits equal costs; null where no value from 0 to 100 times does"
    )
    break_even_value: float | None = Field(
        description="the value itself; null where the input is no single number"
    )
    turns: bool = Field(description="whether the result changes sign between the low and the high end")


class Money(Row):
    """What the offers are worth, by the utility's own figures."""

    currency: str = Field(description="of all money")
    note: str = Field(description="what the costs file says of itself")
    discount_rate: float = Field(description="a year")
    life_years: int = Field(description="years that a measure lasts")
    swing: float = Field(description="how far inputs without a range of their own are moved, as a share")
    if_all_enrol: bool = Field(description="take-up is not known: every figure reads 'if all of them enrol'")
    programs: list[ProgramCase] = Field(description="largest reduction first")
    portfolio: ProgramCase = Field(description="all of them together")
    turns: list[InputTurn] = Field(description="what moves the portfolio's result most, first")
    without_costs: list[str] = Field(
        description="titles of programs with offers of which the costs file says nothing: not counted"
    )


class BillGroup(Row):
    """Bills of some customers, means per customer and month."""

    column: str = Field(description="segment, or the column of the customer file; empty for all customers")
    value: str = Field(description="id of the segment, or the value in the column")
    customers: int = Field(description="customers used")
    month_kwh: float = Field(description="net energy a month [kWh]")
    now: float = Field(description="bill under the current tariff")
    then: float | None = Field(None, description="bill under the proposed one, nobody changing anything")
    change: float | None = Field(None, description="then less now")
    change_low: float | None = Field(None, description="10th percentile over the customers of the change")
    change_high: float | None = Field(None, description="90th percentile of the same")
    gain_share: float | None = Field(None, description="share whose bill falls by more than ``even``")
    lose_share: float | None = Field(None, description="share whose bill rises by more than ``even``")
    hard_share: float | None = Field(None, description="share whose bill rises by more than ``hard``")
    shift_to_even: float | None = Field(
        None,
        description="part of the energy in the dearest hours that must move to the cheapest for the mean bill not to rise; null where it does not "
        "rise, or prices don't follow the clock",
    )
    change_shifted: float | None = Field(
        None, description="the change where ``shift_share`` of the energy in the dearest hours moves"
    )


class Bills(Row):
    """What the tariff file does to bills."""

    currency: str = Field(description="of all money")
    note: str = Field(description="what the tariff file says of itself")
    current: str = Field(description="name of the current tariff")
    current_kind: str = Field(description="flat, tiered or time-of-use")
    proposed: str | None = Field(description="name of the proposed tariff")
    proposed_kind: str | None = Field(description="flat, tiered or time-of-use")
    even: float = Field(description="change of a bill, as a share of it, up to which it counts as the same")
    hard: float = Field(
        description="rise of a bill, as a share of it, from which a customer needs protection"
    )
    shift_share: float | None = Field(
        description="part of the load in the dearest hours that moves by the published effect of a time-of-use rate; null where the catalogue has none"
    )
    everyone: BillGroup = Field(description="all customers used")
    segments: list[BillGroup] = Field(description="by segment, in canonical order")
    groups: list[BillGroup] = Field(description="by the attributes looked at for fairness")
    limits: list[str] = Field(description="what bills from profiles can't see, in sentences")
