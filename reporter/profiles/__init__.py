"""Readings → Profiles: the one heavy pass, run by the engine.

After this room everything fits in memory: a million customers × 48 values in float32 is under 200 MB.
"""

from reporter.profiles.build import build_profiles
from reporter.profiles.model import HOURS, DailyProfiles, PeakTimes, Profiles

__all__ = ["HOURS", "DailyProfiles", "PeakTimes", "Profiles", "build_profiles"]
