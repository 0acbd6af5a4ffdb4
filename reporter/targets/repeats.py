"""Customers who declined the same program before: left out, or counted, and what stands without them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.settings import TargetSettings
from reporter.targets.catalogue import Program
from reporter.targets.eligibility import Mask
from reporter.targets.participation import History, Likelihood, decliners
from reporter.targets.portfolio import Rows
from reporter.targets.rows import Participation, RepeatOffers
from reporter.targets.selection import Offers
from reporter.targets.uncertainty import probability
from reporter.words import counted, kw, percent

REASON = "declined-before"


@dataclass(frozen=True)
class Decliners:
    """Who declined which program before."""

    by_program: Mapping[int, Mask]
    """Place of a program in the catalogue → (n,) was offered it and never enrolled."""
    past: Participation | None
    """What past offers say; none without a history."""
    anything: Mask | None
    """(n,) declined some program; none without a history."""
    leave_out: bool
    """They are offered nothing: what share of second offers is accepted is not known."""

    def of(self, program: NDArray[np.int64]) -> Mask:
        """(n,) declined before what they would be offered: (n,) place of a program, −1 for none."""
        found = np.zeros(len(program), dtype=np.bool_)
        for place, mask in self.by_program.items():
            found |= mask & (program == place)
        return found

    def left_out(self, program: NDArray[np.int64]) -> Mask:
        """(n,) of these, those who are offered nothing for it."""
        return self.of(program) & self.leave_out


def find_decliners(
    history: History | None,
    likelihood: Likelihood | None,
    customer_id: NDArray[np.str_],
    programs: tuple[Program, ...],
    wanted: TargetSettings,
) -> Decliners:
    """Who declined which program of the catalogue, by the history."""
    if history is None or likelihood is None:
        return Decliners({}, None, None, False)
    place = {program.id: index for index, program in enumerate(programs)}
    declined = decliners(history.frame, customer_id)
    found = {place[name]: mask for name, mask in declined.items() if name in place}
    anything = np.any([np.zeros(len(customer_id), dtype=np.bool_), *declined.values()], axis=0)
    past = likelihood.participation
    return Decliners(found, past, anything, wanted.repeat_offers == "leave-out" and not past.repeats_learnt)


def repeat_offers(
    known: Decliners,
    program: NDArray[np.int64],
    could: Mask,
    offers: Offers,
    offered: Rows,
    goal_kw: float,
) -> RepeatOffers | None:
    """What the list owes to them; none without a history.

    Args:
        known: who declined what.
        program: (n,) place of the program that each would be offered, −1 for none.
        could: (n,) who could be offered it, or could but for having declined it.
        offers: what an offer to each brings.
        offered: customers to offer it.
        goal_kw: of the list [kW].
    """
    if known.past is None or known.anything is None:
        return None
    declined = known.of(program)
    again, others = offered[known.anything[offered]], offered[~known.anything[offered]]
    sums = offers.sums(others)
    return RepeatOffers(
        rule="learnt" if known.past.repeats_learnt else "leave-out" if known.leave_out else "as-first",
        customers=int((declined & could).sum()),
        declined_it=int(declined[offered].sum()),
        declined_another=int((~declined[again]).sum()),
        decliners_enrolments=offers.enrolments(again),
        decliners_kw=float(offers.sums(again).value[0]),
        other_enrolments=offers.enrolments(others),
        other_kw=float(sums.value[0]),
        other_probability=float(probability(sums, goal_kw, offers.ledger.spread)[0])
        if offers.known
        else None,
    )


def repeat_findings(row: RepeatOffers | None, past: Participation | None, *, short: bool) -> list[Finding]:
    """What a reader must know of them before acting on the list.

    Args:
        row: what the list owes to them.
        past: what past offers say.
        short: the list falls short of its goal, or of the chance wanted.
    """
    if row is None or past is None or not (row.customers or row.declined_another):
        return []
    parts = []
    if row.rule == "leave-out" and row.customers:
        parts.append(
            f"{counted(row.customers, 'customer')} declined before the program that fits best and {'is' if row.customers == 1 else 'are'} left out: "
            f"{_known(past)} (targets.repeat_offers)."
        )
    if row.declined_it:
        how = (
            f"with what second offers brought: {_known(past)}"
            if row.rule == "learnt"
            else f"as if asked for the first time: {_known(past)}"
        )
        parts.append(f"{_go(row.declined_it)} the same program before and count {how}.")
    if row.declined_another:
        parts.append(
            f"{_go(row.declined_another)} another program before and count like those who were never asked."
        )
    unproven = row.declined_another > 0 or (row.declined_it > 0 and row.rule != "learnt")
    if unproven:
        parts.append(_without(row))
    if not parts:
        return []
    return [
        Finding(
            name=REASON,
            severity="warning" if unproven or (short and row.rule == "leave-out") else "info",
            description=" ".join(parts),
            data=row.model_dump(),
        )
    ]


def _go(offers: int) -> str:
    return (
        f"{counted(offers, 'recommended offer')} {'goes' if offers == 1 else 'go'} to customers who declined"
    )


def _known(past: Participation) -> str:
    if not past.repeat_offers or past.repeat_low is None or past.repeat_high is None:
        return "no second offer on record tells how many accept one"
    share = (
        f"{past.repeat_enrolments:,} of {counted(past.repeat_offers, 'second offer')} "
        f"{'was' if past.repeat_offers == 1 else 'were'} accepted ({percent(past.repeat_low)} to {percent(past.repeat_high)} with 90 % confidence)"
    )
    return share if past.repeats_learnt else f"the history is too small to tell, {share}"


def _without(row: RepeatOffers) -> str:
    text = f"Without them {counted(round(row.other_enrolments), 'enrolment')} and {kw(row.other_kw)} would remain"
    if row.other_probability is not None:
        text += f", a chance of {percent(row.other_probability)} of the goal"
    return f"{text}."
