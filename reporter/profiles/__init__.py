"""Readings → Profiles: the one heavy pass (``build``), run by the engine.

After this room everything fits in memory: a million customers × 48 values in float32 is under 200 MB.
"""

from reporter.profiles.model import HOURS, DailyProfiles, Float, PeakTimes, Profiles

__all__ = ["HOURS", "DailyProfiles", "Float", "PeakTimes", "Profiles"]
