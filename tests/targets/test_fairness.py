"""Fairness against counts done by hand."""

from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest

from reporter.settings import TargetSettings
from reporter.targets.fairness import attribute_groups, group_shares, stand_ins

from .street import make_profiles, make_segmentation

IDS = np.array([f"C{number:02d}" for number in range(60)])


def attributes(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": IDS, **columns})


def test_ratio_of_shares_with_its_interval() -> None:
    # 4 of 40 owners and 8 of 20 tenants are offered something.
    frame = attributes(tenure=["owner"] * 40 + ["tenant"] * 20)
    wanted = TargetSettings()
    groups = attribute_groups(frame, IDS, wanted)
    eligible = np.ones(60, dtype=bool)
    owner, tenant = group_shares(groups, eligible, np.array([0, 1, 2, 3, *range(40, 48)]), wanted)
    assert (owner.value, owner.customers, owner.offers) == ("owner", 40, 4)
    assert owner.ratio == pytest.approx(0.25)
    middle = log(4.5 / 40.5) - log(8.5 / 20.5)
    error = sqrt(1 / 4.5 - 1 / 40.5 + 1 / 8.5 - 1 / 20.5)
    assert owner.ratio_low == pytest.approx(exp(middle - 1.6449 * error), rel=1e-3)
    assert owner.ratio_high == pytest.approx(exp(middle + 1.6449 * error), rel=1e-3)
    assert owner.notable and not tenant.notable
    assert tenant.ratio == pytest.approx(4)


def test_who_can_be_asked_is_told_from_what_the_choice_does() -> None:
    # 10 of 40 owners and 20 of 20 tenants could be offered something, 4 and 8 are: alike where they could be asked.
    frame = attributes(tenure=["owner"] * 40 + ["tenant"] * 20)
    wanted = TargetSettings()
    eligible = np.r_[np.arange(40) < 10, np.ones(20, dtype=bool)]
    offered = np.array([0, 1, 2, 3, *range(40, 48)])
    owner, tenant = group_shares(attribute_groups(frame, IDS, wanted), eligible, offered, wanted)
    assert (owner.eligible, tenant.eligible) == (10, 20)
    assert (owner.eligible_share, owner.eligible_ratio) == (pytest.approx(0.4), pytest.approx(1))
    assert owner.ratio == pytest.approx(0.25)
    assert owner.notable and not owner.eligible_notable
    assert owner.eligible_ratio_low is not None and owner.eligible_ratio_high is not None
    assert owner.eligible_ratio_low < 1 < owner.eligible_ratio_high
    # Nobody of the owners could be asked: no share, and no ratio of the choice.
    none = group_shares(attribute_groups(frame, IDS, wanted), np.arange(60) >= 40, np.arange(40, 48), wanted)[
        0
    ]
    assert none.eligible_share is None and none.eligible_ratio is None and none.ratio == 0


def test_a_difference_that_chance_makes_is_not_notable() -> None:
    frame = attributes(tenure=["owner"] * 40 + ["tenant"] * 20)
    wanted = TargetSettings()
    found = group_shares(
        attribute_groups(frame, IDS, wanted), np.ones(60, dtype=bool), np.array([0, 1, 40]), wanted
    )
    others = group_shares(
        attribute_groups(frame, IDS, wanted), np.ones(60, dtype=bool), np.array([0, 40, 41]), wanted
    )
    assert not any(row.notable for row in [*found, *others])


def test_groups_of_few_and_columns_nobody_asked_for_are_not_shown() -> None:
    frame = attributes(tenure=["owner"] * 57 + ["lodger"] * 3, colour=["red"] * 30 + ["blue"] * 30)
    assert [group[:2] for group in attribute_groups(frame, IDS, TargetSettings())] == [("tenure", "owner")]
    assert attribute_groups(None, IDS, TargetSettings()) == []


def test_a_stand_in_for_a_protected_attribute_is_found_and_noise_is_not() -> None:
    rng = np.random.default_rng(0)
    income = np.where(np.arange(60) < 25, "low", "other")
    area = np.where(income == "low", "North", "South").astype(object)
    area[:2] = "South"
    frame = attributes(low_income=income, area=area, colour=rng.choice(["red", "blue"], 60))
    profiles = make_profiles([1.0] * 60, [0.2] * 60, rng.uniform(0.4, 1.0, 60).tolist())
    segmentation = make_segmentation(rng.integers(0, 2, 60).tolist(), ["flat", "evening-peak"])
    found = stand_ins(frame, profiles, segmentation, TargetSettings())
    assert [(row.column, row.stand_in) for row in found] == [
        ("low_income", "area"),
        ("area", "low_income"),
    ] or [(row.column, row.stand_in) for row in found] == [("area", "low_income"), ("low_income", "area")]
    # Two of 60 lie on the other side: the uncorrected V is √(χ²/n) of the table 23, 2 / 0, 35.
    chi = 60 * (23 * 35) ** 2 / (25 * 35 * 23 * 37)
    assert found[0].strength == pytest.approx(sqrt(chi / 60), abs=0.02)
