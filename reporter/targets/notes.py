"""What a reader must know before acting on the list."""

from collections.abc import Sequence

from reporter.findings import Finding
from reporter.profiles import PeakTimes
from reporter.settings import PeakSettings, TargetSettings
from reporter.targets.catalogue import Program
from reporter.targets.model import SegmentPotential
from reporter.targets.rows import EnrolmentBasis
from reporter.words import MONTHS, counted, kw, listed, percent


def peak_findings(peak: PeakTimes, season: tuple[int, ...]) -> list[Finding]:
    """Whether the peak hours are the system's, and in the season that the utility plans for."""
    findings = []
    if peak.source == "sample":
        findings.append(
            Finding(
                name="sample-peak",
                severity="warning",
                description="The peak hours are those of the sum of the supplied meters, not of the utility's system; "
                "where the system peaks at another time, other customers count.",
                data={"sample_peak_kw": peak.sample_peak_kw, "hours": len(peak.starts)},
            )
        )
    if is_outside_season(peak, season):
        months = sorted({start.month for start in peak.starts})
        findings.append(
            Finding(
                name="outside-peak-season",
                severity="serious",
                description=f"The peak hours found lie in {_months(months)}, outside the season that the utility plans "
                f"for ({_months(season)}): the sizes are provisional and no recommendation.",
                data={"months": months, "season": list(season)},
            )
        )
    return findings


def planned_findings(peak: PeakTimes, settings: PeakSettings) -> list[Finding]:
    """What the utility plans for and the period does not have, and peak hours when it hardly plans for any."""
    findings = []
    missing = [name for name in peak.passed_over if name != "season"]
    if missing:
        words = {"window": "the hours of the day that the utility plans for", "weekdays": "a weekday"}
        findings.append(
            Finding(
                name="peak-window-missing",
                severity="warning",
                description=f"The period has no load in {listed(words[name] for name in missing)}, so that was passed over and the peak hours are "
                "those of the other hours.",
                data={"passed_over": list(peak.passed_over)},
            )
        )
    if peak.weekend_hours and not settings.weekdays_only:
        findings.append(
            Finding(
                name="weekend-peak-hours",
                severity="info",
                description=f"{peak.weekend_hours} of the {counted(len(peak.starts), 'peak hour')} {'lies' if peak.weekend_hours == 1 else 'lie'} on weekends or "
                "holidays; where no program runs then, set peak.weekdays_only.",
                data={"hours": peak.weekend_hours, "of": len(peak.starts)},
            )
        )
    if peak.areas:
        findings.append(
            Finding(
                name="peaks-by-area",
                severity="info",
                description=f"The system load has {len(peak.areas)} areas with customers: each customer counts in the peak hours of its own area; a customer "
                "without one, and the list of hours in this report, in those of their sum.",
                data={"areas": {area.area: area.customers for area in peak.areas}},
            )
        )
    return findings


def is_outside_season(peak: PeakTimes, season: tuple[int, ...]) -> bool:
    """Whether a season is given and none of the peak hours lies in it."""
    return bool(season) and not any(start.month in season for start in peak.starts)


def goal_findings(
    goal_kw: float,
    expected_kw: float,
    offers: int,
    limited: bool,
    wanted: TargetSettings,
    basis: EnrolmentBasis,
) -> list[Finding]:
    """Whether the recommended offers reach the goal, and what the figures assume about enrolment."""
    findings = []
    if expected_kw < goal_kw * (1 - 1e-9):
        why = _within(wanted) if limited else "even with an offer to everyone eligible outside the holdout"
        findings.append(
            Finding(
                name="goal-not-reached",
                severity="warning",
                description=f"The goal of {kw(goal_kw)} is not reached {why}: {counted(offers, 'offer')} "
                f"{'gives' if offers == 1 else 'give'} {kw(expected_kw)}, {percent(expected_kw / goal_kw)} of it.",
                data={"goal_kw": goal_kw, "expected_kw": expected_kw, "offers": offers, "limited": limited},
            )
        )
    least = wanted.min_program_offers
    if 0 < offers < least:
        findings.append(
            Finding(
                name="small-program",
                severity="warning",
                description=f"The list has {counted(offers, 'offer')}, fewer than the {least} from which a program is worth running, and its "
                "holdout is too small to measure an effect by itself.",
                data={"offers": offers, "least": least},
            )
        )
    if basis == "none":
        findings.append(
            Finding(
                name="no-enrolment-rate",
                severity="info",
                description="No enrolment rate is stated and there is no enrolment history to take one from, so every figure reads "
                "'if all who are offered enrol'; with a rate, more offers are needed for the same goal.",
            )
        )
    return findings


def probability_findings(
    chance: float | None, reached: bool, limited: bool, wanted: TargetSettings
) -> list[Finding]:
    """Whether the goal is as likely as wanted, where it is reached at the published effects."""
    if chance is None or not reached or chance >= wanted.goal_probability:
        return []
    why = _within(wanted) if limited else "with an offer to everyone eligible outside the holdout"
    odds = f"a probability of {percent(chance)} only, where {percent(wanted.goal_probability)} is wanted"
    if percent(chance) == percent(wanted.goal_probability):
        odds = f"a probability just below the {percent(wanted.goal_probability)} that is wanted"
    return [
        Finding(
            name="goal-less-likely",
            severity="warning",
            description=f"The goal is reached at the published effects, but with {odds}: "
            f"that is all that can be had {why}.",
            data={"probability": chance, "wanted": wanted.goal_probability, "limited": limited},
        )
    ]


def _within(wanted: TargetSettings) -> str:
    if wanted.budget is None:
        return "within the limit of offers"
    return "within the budget" if wanted.customers_max is None else "within the limits of offers and money"


def program_findings(segments: Sequence[SegmentPotential], programs: Sequence[Program]) -> list[Finding]:
    """Whether there are programs to choose from."""
    offered = {segment.program for segment in segments} | {segment.second_program for segment in segments}
    used = [program for program in programs if program.id in offered]
    quantified = [program for program in used if program.effect is not None]
    unquantified = [program for program in used if program.effect is None]
    findings = []
    if len(quantified) < 2:
        if quantified:
            fits = f"only {quantified[0].title} fits these segments with a published effect"
        else:
            fits = "none with a published effect fits these segments, so there is no list of targets"
        findings.append(
            Finding(
                name="few-programs",
                severity="info" if quantified else "warning",
                description=f"Of {counted(len(programs), 'program')} in the catalogue, {fits}.",
                data={"programs": [program.id for program in quantified]},
            )
        )
    if unquantified:
        names = listed(program.title for program in unquantified)
        verb = "fits a segment but has" if len(unquantified) == 1 else "fit segments but have"
        findings.append(
            Finding(
                name="program-not-quantified",
                severity="info",
                description=f"{names} {verb} no published effect that applies to load at the peak: described, not "
                "counted.",
                data={"programs": [program.id for program in unquantified]},
            )
        )
    return findings


def _months(months: Sequence[int]) -> str:
    return listed(MONTHS[month - 1] for month in months) if months else "no month"
