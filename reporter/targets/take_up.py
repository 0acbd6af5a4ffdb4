"""What share of offers is accepted: from past offers, from the utility's own figure, or not known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.settings import TargetSettings
from reporter.targets.catalogue import Program
from reporter.targets.model import Float
from reporter.targets.participation import Likelihood
from reporter.targets.participation.classifier import logit
from reporter.targets.rows import EnrolmentBasis
from reporter.targets.uncertainty import Z90
from reporter.words import listed, percent

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TakeUp:
    """How likely each customer is to accept the offer of its segment."""

    basis: EnrolmentBasis
    participation: Float | None
    """(n,) probability; none where nothing is known of it."""
    spread: float
    """Relative standard deviation of the mean take-up, common to all customers."""
    findings: list[Finding]

    def per_offer(self, effect: Float) -> Float:
        """Effect × participation; where that is not known the effect itself, read as 'if the customer enrols'."""
        return effect if self.participation is None else effect * self.participation


def take_up(
    likelihood: Likelihood | None,
    wanted: TargetSettings,
    programs: Sequence[Program | None],
    assignment: NDArray[np.int32],
    could_be_offered: Mask,
) -> TakeUp:
    """Participation of every customer in the program of its segment.

    A stated rate sets the level and a history the order: where both are given, the odds of all are moved by one factor
    so that the mean over those who could be offered something is the stated rate.

    Args:
        likelihood: from past offers, or ``None``.
        wanted: the utility's own figure and its range, or neither.
        programs: (k,) the program of each segment.
        assignment: (n,) index into ``programs``.
        could_be_offered: (n,) over whom the stated rate is the mean.
    """
    findings = list(likelihood.findings) if likelihood else []
    stated = wanted.enrolment_rate
    if stated is not None and wanted.enrolment_rate_range is None:
        findings.append(
            Finding(
                name="take-up-taken-as-exact",
                severity="info",
                description=f"The stated enrolment rate of {percent(stated)} is taken as exact: the chance of reaching the goal allows for the "
                "range of the effect and for load on the day, not for another take-up (setting targets.enrolment_rate_range).",
            )
        )
    learnt = None if likelihood is None else _learnt(likelihood, programs, assignment)
    if learnt is None or likelihood is None:
        if stated is None:
            return TakeUp("none", None, 0.0, findings)
        return TakeUp("stated", np.full(len(assignment), stated), _stated_spread(wanted), findings)
    others = [
        program
        for program in dict.fromkeys(programs)
        if program is not None
        and program.effect is not None
        and program.id not in likelihood.participation.programs
    ]
    if others:
        names = listed(program.title for program in others)
        findings.append(
            Finding(
                name="participation-of-another-program",
                severity="warning",
                description=f"No past offer was of {names}; it counts with the take-up of "
                f"{listed(likelihood.participation.programs)}, which another program need not have.",
                data={"programs": [program.id for program in others]},
            )
        )
    basis: EnrolmentBasis = (
        "history-rate" if likelihood.participation.method == "mean-rate" else "history-model"
    )
    if stated is not None:
        moved = _moved(learnt, stated, could_be_offered)
        before = float(learnt[could_be_offered].mean()) if could_be_offered.any() else float(learnt.mean())
        findings.append(
            Finding(
                name="enrolment-rate-over-history",
                severity="info",
                description=f"The history alone would give a mean take-up of {percent(before)}; the stated rate of {percent(stated)} is "
                "used for the level, the history for who is likelier than others.",
                data={"history": before, "stated": stated},
            )
        )
        return TakeUp(basis, moved, _stated_spread(wanted), findings)
    return TakeUp(basis, learnt, likelihood.participation.rate_spread, findings)


def _stated_spread(wanted: TargetSettings) -> float:
    """Relative standard deviation of a stated rate, of which the range is the middle 90 %."""
    if wanted.enrolment_rate is None or wanted.enrolment_rate_range is None:
        return 0.0
    low, high = wanted.enrolment_rate_range
    return abs(high - low) / (2 * Z90 * wanted.enrolment_rate)


def _learnt(
    likelihood: Likelihood, programs: Sequence[Program | None], assignment: NDArray[np.int32]
) -> Float | None:
    """(n,) probability of the program of each customer's segment; of a customer without one, of any."""
    if likelihood.rate is None:
        return None
    found = np.full(len(assignment), likelihood.rate)
    for segment, program in enumerate(programs):
        probability = likelihood.of(program.id if program else "")
        if probability is not None:
            mine = assignment == segment
            found[mine] = probability[mine]
    return found


def _moved(probability: Float, mean: float, over: Mask) -> Float:
    """Odds × one factor, so that the mean over some customers is the one wanted (by bisection)."""
    from scipy.special import expit

    if mean >= 1:
        return np.ones(len(probability))
    score = logit(probability)
    among = score[over] if over.any() else score
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(among + middle).mean() < mean else (low, middle)
    return np.asarray(expit(score + high), dtype=np.float64)
