"""How likely each customer is to enrol when offered a program, learnt from past offers."""

from reporter.targets.participation.estimate import Likelihood, estimate_participation
from reporter.targets.participation.history import History, decliners, read_enrolment

__all__ = ["History", "Likelihood", "decliners", "estimate_participation", "read_enrolment"]
