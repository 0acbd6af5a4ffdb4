"""What share of offers is accepted: from past offers, from the utility's own figures, or not known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.settings import TargetSettings
from reporter.targets.catalogue import Program
from reporter.targets.model import Float
from reporter.targets.odds import shift_to, shifted
from reporter.targets.participation import Likelihood
from reporter.targets.rows import EnrolmentBasis
from reporter.targets.uncertainty import Z90
from reporter.words import listed, percent

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TakeUp:
    """How likely each customer is to accept the offer of a program."""

    basis: EnrolmentBasis
    likelihood: Likelihood | None
    rates: dict[str, float]
    """Program → stated rate, where there is no history."""
    spread: float
    """Relative standard deviation of the mean take-up, common to all customers; by a stated rate, also that of every list."""
    findings: list[Finding]
    shift: float = 0.0
    """Added to the logarithm of all odds."""
    levelled: bool = False
    """The level is a stated one, and so is how far it may be off."""

    @property
    def known(self) -> bool:
        """Whether anything is known of it."""
        return self.basis != "none"

    def spread_over(self, participation: Float, effect_kw: Float) -> float:
        """Relative standard deviation of the reduction of a list from take-up: as stated, or as far as past offers tell it.

        Args:
            participation: (m,) probability of enrolment of the customers on it.
            effect_kw: (m,) what each gives when enrolled [kW].
        """
        if self.likelihood is None or self.levelled:
            return self.spread
        return self.likelihood.spread(participation, effect_kw)

    def of(self, program: Program, customers: int) -> Float:
        """(n,) probability of enrolment in a program; 1 where nothing is known, read as 'if the customer enrols'."""
        if self.basis == "none":
            return np.ones(customers)
        if self.likelihood is None:
            return np.full(customers, self.rates[program.id])
        learnt = self.likelihood.of(program.id)
        probability = np.full(customers, self.likelihood.rate or 0.0) if learnt is None else learnt
        return probability if self.shift == 0.0 else shifted(probability, self.shift)


def take_up(likelihood: Likelihood | None, wanted: TargetSettings, programs: Sequence[Program]) -> TakeUp:
    """What is known of the take-up of these programs.

    Args:
        likelihood: from past offers, or ``None``.
        wanted: the utility's own figure and its range, or neither.
        programs: those with a published effect that fit somebody.
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
    if likelihood is not None and likelihood.rate is not None:
        plain = likelihood.participation.method == "mean-rate"
        spread = _stated_spread(wanted) if stated is not None else likelihood.participation.rate_spread
        basis: EnrolmentBasis = "history-rate" if plain else "history-model"
        return TakeUp(basis, likelihood, {}, spread, findings, levelled=stated is not None)
    if stated is not None:
        rates = {program.id: stated for program in programs}
        return TakeUp("stated", None, rates, _stated_spread(wanted), findings)
    rates = {
        program.id: program.enrolment.rates[program.enrolment.offer]
        for program in programs
        if program.enrolment
    }
    without = [program.title for program in programs if program.enrolment is None]
    if rates and not without:
        return TakeUp("stated", None, rates, 0.0, findings)
    if rates:
        findings.append(
            Finding(
                name="enrolment-rate-missing",
                severity="warning",
                description=f"The catalogue states no enrolment rate of {listed(without)}, so the rates of the others are not used either: what is "
                "expected could not be compared.",
                data={"programs": without},
            )
        )
    return TakeUp("none", None, {}, 0.0, findings)


def levelled(accepted: TakeUp, participation: Float, stated: float | None, over: Mask) -> TakeUp:
    """Take-up from past offers at the level of a stated rate: the odds of all are moved by one factor.

    Args:
        accepted: as learnt.
        participation: (n,) probability for the program that each customer would be offered.
        stated: mean wanted over some customers, or ``None``.
        over: (n,) which ones.
    """
    if stated is None or accepted.likelihood is None or not over.any():
        return accepted
    before = float(participation[over].mean())
    finding = Finding(
        name="enrolment-rate-over-history",
        severity="info",
        description=f"The history alone would give a mean take-up of {percent(before)}; the stated rate of {percent(stated)} is "
        "used for the level, the history for who is likelier than others.",
        data={"history": before, "stated": stated},
    )
    return replace(
        accepted, shift=shift_to(participation[over], stated), findings=[*accepted.findings, finding]
    )


def other_programs(
    accepted: TakeUp, offered: Sequence[Program], catalogue: Sequence[Program]
) -> list[Finding]:
    """Whether some of the programs that are offered were never offered before, so that the history is of others.

    Args:
        accepted: what is known of take-up.
        offered: programs on the list.
        catalogue: all programs, for their names.
    """
    if accepted.likelihood is None or not accepted.known:
        return []
    past = accepted.likelihood.participation.programs
    others = [program for program in offered if program.id not in past]
    if not others:
        return []
    titles = {program.id: program.title for program in catalogue}
    return [
        Finding(
            name="participation-of-another-program",
            severity="warning",
            description=f"No past offer was of {listed(program.title for program in others)}; {'it counts' if len(others) == 1 else 'they count'} with the "
            f"take-up of {listed(titles.get(name, name) for name in past)}, which another program need not have.",
            data={"programs": [program.id for program in others]},
        )
    ]


def _stated_spread(wanted: TargetSettings) -> float:
    """Relative standard deviation of a stated rate, of which the range is the middle 90 %."""
    if wanted.enrolment_rate is None or wanted.enrolment_rate_range is None:
        return 0.0
    low, high = wanted.enrolment_rate_range
    return abs(high - low) / (2 * Z90 * wanted.enrolment_rate)
