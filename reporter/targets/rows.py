"""The rows of targeting that facts hand on as they are: each described once, here.

Powers are at the meter [kW], means over the peak hours.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from reporter.targets.catalogue import Source

EnrolmentBasis = Literal["none", "stated", "history-model", "history-rate"]
"""Where the share of offers that are accepted comes from."""


EndUseName = Literal["temperature", "ev", "water", "rest"]
"""Parts of the load above baseload: heating and cooling, charging, water heating, what is left."""


class Row(BaseModel):
    """A row of facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EndUseLoad(Row):
    """What one end use draws in the peak hours, mean per customer."""

    end_use: EndUseName = Field(
        description="temperature: heating and cooling, by the fit on temperature; ev: charging, by its blocks; water: water heating, by its blocks; "
        "rest: what these leave above baseload"
    )
    customers: int = Field(description="customers of whom it is known")
    with_it: int = Field(description="of these, customers with some of it")
    kw: float = Field(description="mean over those of whom it is known [kW]")
    low_kw: float = Field(
        description="mean of the low ends of their 90 % intervals [kW]: no narrower for many customers, since they share days and weather"
    )
    high_kw: float = Field(description="the same of the high ends [kW]")
    consistency: float | None = Field(
        description="mean over customers with some of it of the share of the peak hours (days for ev, water and rest) on which it is there"
    )


class ProgramRow(Row):
    """One program offered to one segment."""

    program: str = Field(description="stable name from the catalogue, such as critical-peak-price")
    title: str = Field(description="the program in words")
    segment_id: str = Field(description="to whom")
    offers: int = Field(description="offers to make; 0 for a program without a published effect")
    enrolments: int = Field(
        description="expected enrolments: sum of participation over the offers; where that is not known, all offers, read as 'if N enrol'"
    )
    kw_per_enrolment: float | None = Field(
        description="mean effect per enrolment over the peak hours, of those offered (where nobody is, of the eligible) [kW]; null where no published effect applies"
    )
    low_kw_per_enrolment: float | None = Field(
        None, description="the same at the low end of the published range [kW]"
    )
    high_kw_per_enrolment: float | None = Field(None, description="the same at the high end [kW]")
    total_kw: float | None = Field(description="sum of expected_kw over the offers [kW]")
    low_kw: float | None = Field(description="the same at the low end of the published range [kW]")
    high_kw: float | None = Field(description="the same at the high end of the published range [kW]")
    effect_basis: Literal["share-of-load", "share-of-end-use", "kw-per-enrolment"] | None = Field(
        None,
        description="what the effect is a share of, or that it is in kW; null without a published effect",
    )
    end_use: Literal["ev", "temperature", "water"] | None = Field(
        None, description="the end use that it acts on: what the effect is a share of, or can't be more than"
    )
    effect_share: float | None = Field(
        description="published effect: a share of load in events, or kW where effect_basis says so"
    )
    effect_low: float | None = Field(description="low end of the published range")
    effect_high: float | None = Field(description="high end of the published range")
    range_note: str = Field(description="what the ends of the range are")
    end_uses: list[EndUseLoad] = Field(
        [], description="what the load above baseload of those offered (else of the eligible) is made of"
    )
    reason: str = Field(description="why this program for this segment, in a sentence")
    no_offers: str | None = Field(
        None, description="why nobody is offered it, as in not_targets, or holdout; null where somebody is"
    )
    events_a_year: int | None = Field(None, description="events that the tariff or contract allows")
    hours_an_event: float | None = Field(None, description="length of an event [h]")
    source: Source | None = Field(description="where the effect was published")


class ProgramCost(Row):
    """What a program costs the utility, by its own figures."""

    program: str = Field(description="id of the program")
    title: str = Field(description="the program in words")
    per_offer: float | None = Field(description="cost of an offer; null: not known")
    per_enrolment: float | None = Field(description="cost of an enrolment; null: not known")


class ListRules(Row):
    """What the list was made by: enough to make it again for another goal, limit or take-up."""

    goal_probability: float = Field(description="probability of the goal at which the list ends")
    holdout_share: float = Field(description="share of the list that is set aside at random")
    customers_max: int | None = Field(description="most offers; null: no limit")
    budget: float | None = Field(description="most to spend, in the currency of the costs; null: no limit")
    load_spread: float = Field(
        description="relative standard deviation of load on the day, which all customers share"
    )
    take_up_spread: float = Field(
        description="relative standard deviation of take-up, which all on this list share"
    )
    costs: list[ProgramCost] = Field(description="by program, in order of the catalogue")


class SegmentMatch(Row):
    """The program that fits a segment best, and the second best."""

    segment_id: str = Field(description="of the segment")
    program: str | None = Field(description="id of the program that fits best; null where none does")
    program_title: str | None = Field(description="the same in words")
    program_customers: int = Field(description="members whom it fits by their own rules")
    reason: str = Field(description="why this program or none, in a sentence")
    second_program: str | None = Field(description="id of the second best; null where there is none")
    second_reason: str | None = Field(description="why that one, in a sentence")


class EventHour(Row):
    """One hour of the day among the peak hours."""

    number: int = Field(description="first, second, … hour of the peak hours of a day")
    hour: int = Field(description="local hour at which it starts")
    days: int = Field(description="peak days that have it")
    above_baseload_kw: float = Field(description="mean load above baseload per customer in it [kW]")
    low_kw: float | None = Field(
        description="low end of the 90 % interval of that mean, from the spread between days [kW]; null with one day"
    )
    high_kw: float | None = Field(description="high end of the same [kW]")


class SegmentEvent(Row):
    """What a segment has above baseload over a whole event."""

    segment_id: str = Field(description="of the segment")
    hours: list[EventHour] = Field(description="in order of the clock")
    consistency: float | None = Field(
        description="share of the peak hours in which the segment's load above baseload is at least half of its mean over them"
    )
    hot_days_kw: float | None = Field(
        description="mean load above baseload per customer on the hotter half of the peak days [kW]; null without temperatures"
    )
    mild_days_kw: float | None = Field(description="the same on the milder half [kW]")
    end_uses: list[EndUseLoad] = Field(
        [],
        description="what the load above baseload is made of, over all peak hours; empty where days were not looked at",
    )


class PlantHour(Row):
    """What can be bid in one hour of an event day."""

    hour: int = Field(description="local hour at which it starts")
    expected_kw: float = Field(description="at the published effect [kW]")
    p50_kw: float = Field(description="reached with an even chance [kW]")
    p90_kw: float = Field(description="reached with nine chances in ten [kW]")


class ReboundHour(Row):
    """Load that comes back in an hour after an event."""

    hour: int = Field(description="local hour at which it starts")
    kw: float = Field(description="more load than without the event, at the published effect [kW]")


class PlantRow(Row):
    """A program in a segment as a power plant, or all of them together."""

    program: str | None = Field(description="id of the program; null for all together")
    title: str = Field(description="the program in words")
    segment_id: str | None = Field(description="of the segment; null for all together")
    offers: int = Field(description="offers")
    enrolments: float = Field(description="enrolments expected; where take-up is not known, all offers")
    hours: list[PlantHour] = Field(description="the hours in which peaks have fallen, in order of the clock")
    rebound: list[ReboundHour] = Field(
        description="the hours after; empty where the catalogue gives no rebound"
    )


class Plant(Row):
    """What the offers can bid, hour by hour of an event day."""

    rows: list[PlantRow] = Field(description="by program and segment, largest first")
    total: PlantRow = Field(
        description="all together: its P90 is more than the sum of theirs, since what is each customer's own evens out"
    )
    take_up_known: bool = Field(description="false: every figure reads 'if all of them enrol'")
    min_bid_kw: float | None = Field(description="smallest bid of the settings [kW]; null: not checked")
    min_hours: int | None = Field(
        description="hours in a row of the settings that a bid must hold; null: not checked"
    )
    event_hours: int | None = Field(
        None,
        description="whole hours that an event may last: the shortest of the offered programs that say so (hours_an_event); null: not known",
    )
    bid_first_hour: int | None = Field(
        description="local hour at which the event that is bid starts: the longest run worth bidding within event_hours, and of those the one that reaches most"
    )
    bid_hours: int = Field(description="hours in a row that it lasts")
    bid_kw: float = Field(description="what is reached with nine chances in ten in each of these hours [kW]")
    accepted: bool | None = Field(
        description="whether that meets the smallest bid and its duration; null where neither is set"
    )
    without_rebound: list[str] = Field(
        description="titles of offered programs for which the catalogue gives no rebound"
    )

    def bids(self, hour: int) -> bool:
        """Whether an hour of the day lies in the event that is bid."""
        return self.bid_first_hour is not None and 0 <= hour - self.bid_first_hour < self.bid_hours


class Strategy(Row):
    """What a way of choosing customers needs to reach the goal."""

    strategy: str = Field(description="targeted, random, highest-bill, highest-peak, highest-load-segment")
    offers_needed: int | None = Field(description="offers to reach the goal; null where it can't be reached")
    offers: int = Field(0, description="offers made: those needed, or all that can be made")
    expected_kw: float = Field(description="load reduction reached at the published effect [kW]")
    probability: float | None = Field(
        None, description="probability that these offers reach the goal; null where take-up is not known"
    )


class CurvePoint(Row):
    """The first so many offers of a way of choosing customers, and what they bring."""

    offers: int = Field(description="offers made")
    enrolments: float = Field(description="enrolments expected of them; with take-up not known, all")
    expected_kw: float = Field(description="load reduction at the published effect [kW]")
    low_kw: float = Field(description="the same at the low end of the published range [kW]")
    high_kw: float = Field(description="the same at the high end [kW]")
    probability: float | None = Field(
        description="probability that they reach the goal; null where take-up is not known"
    )


class Curve(Row):
    """What a way of choosing customers brings, offer by offer."""

    strategy: str = Field(description="as in strategies")
    points: list[CurvePoint] = Field(description="by rising number of offers")


class Uncertainty(Row):
    """How sure the reduction of the recommended offers is, by what makes it unsure."""

    goal_probability_wanted: float = Field(description="probability of the goal at which the list ends")
    likely_low_kw: float = Field(
        description="low end of the 90 % interval of the reduction, all parts together [kW]"
    )
    likely_high_kw: float = Field(description="high end of the same [kW]")
    effect_kw: float = Field(
        description="standard deviation from the range of the published effects, which all share [kW]"
    )
    weather_kw: float = Field(
        description="standard deviation from load on the day, as it varied over the peak days, which all share [kW]"
    )
    take_up_kw: float = Field(
        description="standard deviation from take-up that is off for all: from campaign to campaign and as far as past offers tell the likelihood, or as stated [kW]"
    )
    own_kw: float = Field(
        description="standard deviation from what is each customer's own: whether it enrols, its load on the day [kW]"
    )


class GainsPoint(Row):
    """A point of the gains curve: what offers to a part of the customers bring, of what offers to all would."""

    share_customers: float = Field(
        description="offers, as a share of the customers whom nothing excludes from offers"
    )
    targeted: float = Field(
        description="share of the reduction that offers to all of them would bring at the published effects, in the order of the list"
    )
    random: float = Field(description="the same, in a random order")
    highest_bill: float = Field(description="the same, most energy first")


class GroupShare(Row):
    """Customers with one value of an attribute that is looked at for fairness, and how many of them are offered a program."""

    column: str = Field(description="column of the customer file: protected, or one to look at")
    value: str = Field(description="its value")
    customers: int = Field(description="customers used")
    eligible: int = Field(description="of those, who could be offered a program")
    offers: int = Field(description="of those, who are")
    offered_share: float = Field(description="offers ÷ customers")
    ratio: float | None = Field(
        None,
        description="offered_share ÷ that of all other values of the column; null where they have no offer",
    )
    ratio_low: float | None = Field(None, description="low end of its 90 % interval")
    ratio_high: float | None = Field(None, description="high end of the same")
    notable: bool = Field(
        False,
        description="the ratio is below that of the settings (four fifths), and its interval below 1: more than chance",
    )
    eligible_share: float | None = Field(
        None, description="offers ÷ those who could be offered a program; null without any"
    )
    eligible_ratio: float | None = Field(
        None,
        description="eligible_share ÷ that of all other values of the column: what the choice does among those who could be offered a program",
    )
    eligible_ratio_low: float | None = Field(None, description="low end of its 90 % interval")
    eligible_ratio_high: float | None = Field(None, description="high end of the same")
    eligible_notable: bool = Field(
        False, description="the same as notable, among those who could be offered a program"
    )


class StandIn(Row):
    """Something that may be used and says nearly the same as an attribute that is looked at for fairness."""

    column: str = Field(description="the column looked at")
    stand_in: str = Field(
        description="column of the customer file, segment, size of the load, or load in the peak hours"
    )
    strength: float = Field(
        description="Cramér's V without its bias: 0 says nothing of the other, 1 is the same"
    )


class NotTarget(Row):
    """Customers who are not on the list, for one reason."""

    reason: str = Field(description="stable name, as in customers.parquet")
    customers: int = Field(description="how many")
    description: str = Field(description="the reason in words")


class CalibrationBin(Row):
    """Offers of like predicted probability, and what came of them."""

    offers: int = Field(description="offers in the validation")
    predicted: float = Field(description="mean predicted probability of enrolment")
    observed: float = Field(description="share that enrolled")
    low: float = Field(description="low end of the 90 % interval of that share (Wilson)")
    high: float = Field(description="high end of the same")


class EnrolmentGain(Row):
    """The likeliest offers up to a share, and the share of all enrolments that they hold."""

    share_offers: float = Field(description="share of the offers of the validation, likeliest first")
    share_enrolments: float = Field(description="share of the enrolments")


class Driver(Row):
    """What the likelihood of enrolment stands on."""

    feature: str = Field(description="name of the load feature, or of the column in the customer file")
    importance: float = Field(
        description="loss of ROC AUC where the feature is shuffled (permutation importance)"
    )
    spread: float = Field(description="standard deviation of that loss over the shuffles")
    direction: str = Field(description="higher, lower, or the value with the highest mean likelihood")


class LeftOutFeature(Row):
    """A column that the likelihood does not use."""

    feature: str = Field(description="column in the customer file or the history")
    reason: Literal[
        "leaks-outcome", "protected", "after-the-offer", "exclusion", "too-many-values", "date"
    ] = Field(description="why")
    description: str = Field(description="the reason in words")


class Validation(Row):
    """How well the likelihood holds for offers that it was not made from."""

    kind: Literal["later-offers", "repeated-cross-validation"] = Field(
        description="later-offers: made from the earlier offers, checked on the later ones"
    )
    description: str = Field(description="what was held back, in a sentence")
    offers: int = Field(description="offers in the check")
    enrolments: int = Field(description="enrolments among them")
    roc_auc: float = Field(description="area under the ROC curve; 0.5 is chance")
    roc_auc_low: float = Field(description="low end of its 90 % interval (bootstrap)")
    roc_auc_high: float = Field(description="high end of the same")
    pr_auc: float = Field(
        description="average precision, the area under the precision-recall curve; chance is the share that enrolled"
    )
    brier: float = Field(description="mean squared error of the probabilities")
    brier_reference: float = Field(description="the same where everyone gets the mean rate")
    calibration_slope: float | None = Field(
        description="slope of the outcome on the logit of the probability: 1 is right, below 1 too bold; null where all probabilities are alike"
    )
    calibration_slope_low: float | None = Field(description="low end of its 90 % interval")
    calibration_slope_high: float | None = Field(description="high end of the same")
    mean_predicted: float = Field(description="mean predicted probability")
    mean_observed: float = Field(description="share that enrolled")
    calibration: list[CalibrationBin] = Field(description="by rising probability")
    gains: list[EnrolmentGain] = Field(description="likeliest first")


class Participation(Row):
    """How likely customers are to enrol when offered a program, from past offers."""

    offers: int = Field(description="past offers to customers used here")
    enrolments: int = Field(description="enrolments among them")
    offers_without_customer: int = Field(description="past offers to customers who are not used here")
    programs: list[str] = Field(description="programs that were offered")
    first_offer: str = Field(description="date of the first offer")
    last_offer: str = Field(description="date of the last offer")
    method: Literal["logistic-regression", "gradient-boosting", "mean-rate"] = Field(
        description="mean-rate: no model holds better than the same rate for all, or there are too few enrolments for one"
    )
    reason: str = Field(description="why this method, in a sentence")
    candidates: dict[str, float] = Field(
        description="method to mean log loss in cross-validation; lower is better"
    )
    validation: Validation | None = Field(description="null without a model")
    drivers: list[Driver] = Field(description="most important first; empty without a model")
    left_out: list[LeftOutFeature] = Field(description="columns not used, and why")
    rate_spread: float = Field(
        description="relative standard deviation of the mean rate from one campaign to the next"
    )
    never_offered_share: float = Field(
        description="share of the customers used here who were never offered a program"
    )
    selection_auc: float | None = Field(
        description="how well load and attributes tell those offered before from the others (ROC AUC): 0.5 were a random choice; null where it can't be told"
    )
    opted_out: int | None = Field(
        description="enrolments that ended in an opt-out; null where the history does not say"
    )
    repeat_offers: int = Field(
        0, description="past offers of a program to a customer who had declined an earlier one of it"
    )
    repeat_enrolments: int = Field(0, description="enrolments among these")
    repeat_low: float | None = Field(
        None, description="share of these that is accepted, low end of the 90 % interval; null without any"
    )
    repeat_high: float | None = Field(None, description="high end of the same")
    repeats_learnt: bool = Field(
        False,
        description="whether these are enough for a likelihood of their own (``targets.min_enrolments``)",
    )


class RepeatOffers(Row):
    """Customers who declined offers before: of the very program that they would be offered now, or of another."""

    rule: Literal["learnt", "leave-out", "as-first"] = Field(
        description="learnt: they count with what the history says of second offers; where it has too few, by targets.repeat_offers, leave-out: "
        "not on the list; as-first: they count as if asked for the first time"
    )
    customers: int = Field(
        description="customers who could be offered a program, had they not declined that one before"
    )
    declined_it: int = Field(
        description="recommended offers that go to customers who declined the same program before"
    )
    declined_another: int = Field(
        description="recommended offers that go to customers who declined another program before"
    )
    decliners_enrolments: float = Field(description="enrolments counted of these two")
    decliners_kw: float = Field(description="reduction counted of these two, at the published effect [kW]")
    other_enrolments: float = Field(description="enrolments of the other recommended offers")
    other_kw: float = Field(
        description="reduction of the other recommended offers, at the published effect [kW]"
    )
    other_probability: float | None = Field(
        description="probability that the others reach the goal alone; null where take-up is not known"
    )
