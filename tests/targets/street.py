"""A street of made-up customers whose sums can be done by hand."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from reporter.profiles import DailyProfiles, PeakTimes, Profiles
from reporter.segments.model import Choice, Segmentation, SegmentLabel
from reporter.segments.shapes import ShapeSpace
from reporter.settings import Settings, TargetSettings


def make_profiles(
    coincident_kw: Sequence[float],
    baseload_kw: Sequence[float],
    mean_kw: Sequence[float],
    import_kwh: Sequence[float] | None = None,
    peak_kw: Sequence[float] | None = None,
    source: str = "system-load",
    month: int = 7,
    sample_peak_kw: float = 100.0,
) -> Profiles:
    """Customers C00, C01, … with their loads; the peak hours are 17 to 21 h on five days."""
    n = len(coincident_kw)
    coincident = np.asarray(coincident_kw, dtype=np.float32)
    mean = np.asarray(mean_kw, dtype=np.float32)
    energy = mean * 24 * 92 if import_kwh is None else np.asarray(import_kwh)
    flat = np.repeat(mean[:, None], 24, axis=1)
    starts = [datetime(2026, month, day, hour) for day in range(1, 6) for hour in range(17, 21)]
    return Profiles(
        customer_id=np.array([f"C{number:02d}" for number in range(n)]),
        weekday_kw=flat,
        weekend_kw=flat,
        profile_kw=flat,
        mean_kw=mean,
        peak_kw=(2 * np.nan_to_num(coincident) if peak_kw is None else np.asarray(peak_kw)).astype(
            np.float32
        ),
        baseload_kw=np.asarray(baseload_kw, dtype=np.float32),
        import_kwh=np.asarray(energy, dtype=np.float64),
        export_kwh=np.zeros(n),
        days=np.full(n, 92, dtype=np.int32),
        coincident_kw=coincident,
        peak_day_kw=flat,
        peak=PeakTimes(
            source, "the 20 highest hours", "kW", starts, [1.0] * 20, starts[0].date(), sample_peak_kw
        ),
        daily=DailyProfiles(
            np.zeros(0, dtype=np.int64),
            [date(2026, month, 1)],
            np.zeros(1, dtype=np.bool_),
            np.zeros((0, 1, 24), dtype=np.float32),
        ),
        hours=np.repeat(np.array([65, 27])[None, :, None], 24, axis=2).repeat(n, axis=0).astype(np.float32),
        readings_used=n * 92 * 48,
    )


def make_segmentation(assignment: Sequence[int], labels: Sequence[str]) -> Segmentation:
    """Customers in segments 1, 2, … with these labels."""
    return Segmentation(
        labels=[
            SegmentLabel(str(number), label, label.replace("-", " ").capitalize(), "by its rule")
            for number, label in enumerate(labels, start=1)
        ],
        assignment=np.asarray(assignment, dtype=np.int32),
        centroids=np.zeros((len(labels), 24), dtype=np.float32),
        space=ShapeSpace("l2"),
        choice=Choice(len(labels), "silhouette", [], None, None, "made up"),
    )


def make_settings(seed: int = 0, season: tuple[int, ...] = (), **targets: object) -> Settings:
    """Settings with these target settings; no holdout and no least size of a program unless asked for."""
    wanted = {"holdout_share": 0.0, "min_effect_kw": 0.0, "min_program_offers": 1, **targets}
    return Settings.model_validate(
        {"seed": seed, "peak": {"season": season}, "targets": TargetSettings.model_validate(wanted)}
    )
