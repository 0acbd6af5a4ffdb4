"""The result of targeting: whom to offer what, and what it is worth at the peak.

Powers are at the meter [kW], means over the peak hours. Fields have the meaning of ``facts.Targets``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reporter.findings import Finding
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

if TYPE_CHECKING:
    import pandas as pd

Float = NDArray[np.float64]
Names = NDArray[np.object_]


@dataclass(frozen=True)
class SegmentPotential:
    """What a segment contributes at the peak, and the program that it is offered."""

    segment_id: str
    title: str
    customers: int
    """Members."""
    coincident_kw: float
    """Mean load per customer over the peak hours, of members with readings then [kW]."""
    mean_kw: float
    """Mean load per customer, of the same members [kW]."""
    peak_ratio: float
    """``coincident_kw`` ÷ ``mean_kw``; infinite where the segment gives to the grid on average."""
    above_baseload_kw: float
    """Load above baseload in the peak hours, sum over members [kW]."""
    above_baseload_share: float
    """The same as a share of all customers' load above baseload."""
    program: str | None
    """Id of the program that fits best; none where no program fits."""
    program_customers: int
    """Members whom it fits by their own rules."""
    second_program: str | None
    """Id of the second best."""
    second_reason: str | None
    """Why that one, in a sentence."""
    not_offered: str | None
    """Why no program is offered: ``segment-low-at-peak`` or ``no-program-for-segment``."""
    reason: str
    """Why this program or none, in a sentence with its numbers."""


@dataclass(frozen=True)
class Targeting:
    """Whom to offer what. The n customers are those of the profiles, in their order."""

    customer_id: NDArray[np.str_]
    """(n,)"""
    program: Names
    """(n,) id of the program that the customer is offered; ``None`` without one."""
    participation: Float
    """(n,) probability of enrolment; NaN without history or a stated rate, and for the not eligible."""
    effect_kw: Float
    """(n,) what the published effect gives on the customer's coincident load [kW]; NaN without one."""
    effect_low_kw: Float
    """(n,) the same at the low end of the published range [kW]."""
    effect_high_kw: Float
    """(n,) the same at the high end of the published range [kW]."""
    effect_deviation_kw: Float
    """(n,) standard deviation of the effect from the customer's own load on the day [kW]."""
    expected_kw: Float
    """(n,) per offer: participation (1 where it is not known) × ``effect_kw`` [kW]; NaN for the not eligible."""
    target_rank: NDArray[np.int64]
    """(n,) 1 for the largest effect, over all eligible customers; 0 for the not eligible."""
    not_target_reason: Names
    """(n,) stable name; ``None`` for customers on the list."""
    listed: NDArray[np.int64]
    """(m,) index of the customers on the list, by rank: those to offer and the holdout."""
    group: Names
    """(m,) ``offer`` or ``holdout``."""
    listed_segment_label: Names
    """(m,) label of the customer's segment."""
    reasons: list[str]
    """(m,) why the customer is on the list, in words to read out."""
    segments: list[SegmentPotential]
    """Largest load above baseload at the peak first."""
    matches: list[SegmentMatch]
    """In canonical order."""
    event_hours: list[SegmentEvent]
    rules: ListRules
    groups: list[GroupShare]
    """By attributes looked at for fairness."""
    stand_ins: list[StandIn]
    """What says nearly the same as one of them."""
    programs: list[ProgramRow]
    """Largest effect first; programs that are not quantified last."""
    goal_kw: float
    goal_source: str
    """``default`` (a share of the peak of the supplied meters) or ``user``."""
    goal_reached: bool
    eligible: int
    recommended_offers: int
    holdout: int
    enrolment_rate: float | None
    enrolment_basis: EnrolmentBasis
    enrolments: int
    likelihood: Participation | None
    """What past offers say about who enrols."""
    repeats: RepeatOffers | None
    """Customers who declined the same program before; none without past offers."""
    expected_kw_total: float
    """Load reduction of the recommended offers at the published effect [kW]."""
    low_kw: float
    """The same at the low end of the published ranges [kW]."""
    high_kw: float
    """The same at the high end of the published ranges [kW]."""
    probability_of_goal: float | None
    uncertainty: Uncertainty | None
    """Not computed without a model of participation."""
    plant: Plant | None
    """What can be bid hour by hour."""
    provisional: bool
    """The period lies outside the season that the utility plans for: sizes are not a recommendation."""
    may_be_asked: int
    """Customers whom nothing excludes from offers, whether a program fits them or not."""
    offered_gain_share: float
    """What the offers bring, of what offers to all of these would."""
    strategies: list[Strategy]
    curves: list[Curve]
    gains: list[GainsPoint]
    not_targets: list[NotTarget]
    findings: list[Finding]

    def frame(self) -> "pd.DataFrame":
        """One row a customer: the columns that targeting adds to ``customers.parquet``."""
        import pandas as pd

        return pd.DataFrame(
            {
                "customer_id": self.customer_id,
                "participation": self.participation,
                "program": pd.Series(self.program, dtype="str"),
                "effect_kw": self.effect_kw,
                "effect_low_kw": self.effect_low_kw,
                "effect_high_kw": self.effect_high_kw,
                "effect_deviation_kw": self.effect_deviation_kw,
                "expected_kw": self.expected_kw,
                "target_rank": pd.array(self.target_rank, dtype="Int64"),
                "not_target_reason": pd.Series(self.not_target_reason, dtype="str"),
            }
        ).assign(target_rank=lambda frame: frame["target_rank"].mask(frame["target_rank"] == 0))

    def list_frame(self) -> "pd.DataFrame":
        """The ranked list to act on, one row a customer: the columns of ``targets.csv``."""
        import pandas as pd

        return pd.DataFrame(
            {
                "target_rank": self.target_rank[self.listed],
                "customer_id": self.customer_id[self.listed],
                "segment_label": self.listed_segment_label,
                "program": self.program[self.listed],
                "group": self.group,
                "expected_kw": self.expected_kw[self.listed],
                "reason": pd.Series(self.reasons, dtype="str"),
            }
        )
