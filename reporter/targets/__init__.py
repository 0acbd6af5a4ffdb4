"""Segmentation → Targeting: whom to offer what, and what it is worth at the peak."""

from reporter.targets.attributes import read_customers
from reporter.targets.catalogue import Catalogue, read_catalogue
from reporter.targets.model import Targeting
from reporter.targets.participation import read_enrolment
from reporter.targets.targeting import target

__all__ = ["Catalogue", "Targeting", "read_catalogue", "read_customers", "read_enrolment", "target"]
