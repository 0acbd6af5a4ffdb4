from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.settings import Settings
from reporter.targets import target
from reporter.targets.catalogue import read_catalogue, shipped

from .street import make_profiles, make_segmentation, make_settings

GOOD = """
[[program]]
id = "rebate"
title = "Rebate"
phrase = "a rebate"
labels = ["flat"]
why = "it does"
range_note = "as published"
[program.effect]
value = 0.2
low = 0.1
high = 0.3
[program.source]
citation = "Somebody, 2020"
basis = "load in events"
vendor_claim = false
"""
LABELS = {rule.label for rule in Settings().labels.rules}


def write(folder: Path, text: str) -> Path:
    path = folder / "programs.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_effects_are_the_published_ones_and_every_one_has_a_source() -> None:
    catalogue = read_catalogue()
    effects = {p.id: (p.effect.low, p.effect.value, p.effect.high) for p in catalogue.quantified if p.effect}
    assert effects == {
        "managed-ev-charging": (0.5, 0.5, 0.5),
        "thermostat-control": (0.10, 0.21, 0.35),
        "critical-peak-price": (0.06, 0.20, 0.35),
        "time-of-use-rate": (0.06, 0.10, 0.23),
        "peak-time-rebate": (0.06, 0.06, 0.26),
        "behavioural-messages": (0.03, 0.03, 0.05),
    }
    assert all(program.source and "published" in program.range_note for program in catalogue.quantified)
    assert all("Not quantified" in program.range_note for program in catalogue.program if not program.effect)


def test_the_shipped_catalogue_invents_no_rates_and_no_costs_and_knows_the_labels() -> None:
    catalogue = read_catalogue(labels=LABELS)
    assert all(program.enrolment is None and program.costs is None for program in catalogue.program)
    read_catalogue(shipped(), LABELS)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("low = 0.1", "low = 0.25", "line 9: 'effect' of the program 'rebate': low 0.25"),
        ("vendor_claim = false", "vendor_clam = false", "line 16: 'source.vendor_clam' of the program 'rebate' is no key here; did you mean 'vendor_claim'"),
        ('labels = ["flat"]', 'labels = "flat"', "line 6: 'labels' of the program 'rebate' = 'flat' is not valid: it is a list"),
        ('labels = ["flat"]', "[program.eligible]\nattributes = { area = { at_leest = 5 } }", "'eligible.attributes.area.at_leest' of the program 'rebate' is no key here"),
        ("high = 0.3", "high = 30", "line 9: 'effect' of the program 'rebate': a share is at most 1"),
        ('title = "Rebate"', 'titel = "Rebate"', "of the program 'rebate'"),
        ('title = "Rebate"', 'title = "Rebate"\nextra = 1', "line 5: 'extra' of the program 'rebate' is no key here"),
        ('["flat"]', '["flatt"]', "line 6: no segment can have the label 'flatt' (program 'rebate')"),
        ("[program.source]", "[program.sauce]", "line 13: 'sauce' of the program 'rebate' is no key here; did you mean 'source'"),
        ('id = "rebate"', 'id = "Rebate!"', "line 3: 'id' of the program 'Rebate!' = 'Rebate!' is not valid"),
        ('id = "rebate"', "", "line 2: 'id' of program number 1 is missing"),
        ("[[program]]", "[program]", "line 2: 'program'"),
        ("value = 0.2", "value = ", "line 10: this is no TOML"),
        ("vendor_claim = false", 'vendor_claim = false\n[program.enrolment]\noffer = "mail"\nrates = { call = 0.2 }',
         "line 17: 'enrolment' of the program 'rebate': there is no rate of the offer 'mail'"),
    ],
)  # fmt: skip
def test_broken_catalogue_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(DataError) as caught:
        read_catalogue(path, LABELS)
    assert str(caught.value).startswith(f"{path}, line ")
    assert message in str(caught.value)


def test_same_id_twice_and_effect_without_source_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + GOOD)
    with pytest.raises(DataError, match=r"line 19: the id 'rebate' appears more than once"):
        read_catalogue(path)
    path = write(tmp_path, GOOD[: GOOD.index("[program.source]")])
    with pytest.raises(DataError, match=r"an effect needs a \[program.source\]"):
        read_catalogue(path)


PROFILES = make_profiles([2.0] * 4, [0.0] * 4, [1.9] * 4)
ATTRIBUTES = pd.DataFrame(
    {
        "customer_id": ["C00", "C01", "C02"],
        "tenure": ["owner", "tenant", "Owner"],
        "floor_area": ["50", "80", "120"],
        "pool": ["no", "no", "yes"],
        "smart_plug": ["yes", "", "no"],
    }
)


def offered(tmp_path: Path, extra: str, after: str = "", **settings: object) -> list[bool]:
    text = GOOD.replace('labels = ["flat"]', extra) + after
    result = target(
        PROFILES,
        make_segmentation([0] * 4, ["flat"]),
        ATTRIBUTES,
        make_settings(goal_kw=9, **settings),
        read_catalogue(write(tmp_path, text)),
    )
    return [name is not None for name in result.program]


def test_rules_over_attributes_devices_labels_and_segments(tmp_path: Path) -> None:
    # C03 has no row in the customer file.
    assert offered(tmp_path, "") == [True] * 4
    assert offered(tmp_path, 'labels = ["evening-peak"]') == [False] * 4
    rule = "[program.eligible]\n"
    assert offered(tmp_path, "", rule + 'attributes = { tenure = ["owner"] }') == [True, False, True, False]
    assert offered(tmp_path, "", rule + "attributes = { floor_area = { at_least = 60, at_most = 100 } }") == [
        False,
        True,
        False,
        False,
    ]
    assert offered(tmp_path, "", rule + 'devices = ["smart_plug"]') == [True, False, False, False]
    assert offered(tmp_path, "", rule + 'segments = ["2"]') == [False] * 4
    assert offered(tmp_path, 'excluded_by = ["pool"]') == [True, True, False, True]


def test_an_edit_of_the_catalogue_changes_the_result_without_code(tmp_path: Path) -> None:
    segmentation = make_segmentation([0] * 4, ["flat"])

    def run(text: str) -> object:
        return target(
            PROFILES, segmentation, None, make_settings(goal_kw=9), read_catalogue(write(tmp_path, text))
        )

    assert run(GOOD).effect_kw.tolist() == pytest.approx([0.4] * 4)
    assert run(GOOD.replace("value = 0.2", "value = 0.3")).effect_kw.tolist() == pytest.approx([0.6] * 4)
    fixed = GOOD.replace("[program.effect]\n", '[program.effect]\nbasis = "kw-per-enrolment"\n')
    result = run(fixed)
    np.testing.assert_allclose(result.effect_kw, 0.2)
    assert "0.20 kW, as published" in result.reasons[0]
    # The utility's own rates by kind of offer: half a kW goes half as far.
    rates = '[program.enrolment]\noffer = "call"\nrates = { letter = 0.1, call = 0.5 }\n'
    result = run(GOOD + rates)
    assert (result.enrolment_basis, result.enrolment_rate) == ("stated", 0.5)
    assert result.expected_kw.tolist() == pytest.approx([0.2] * 4)
    assert result.probability_of_goal is not None


def test_who_takes_part_by_the_history_is_not_asked_and_who_left_not_for_the_same() -> None:
    from reporter.targets.participation import History

    frame = pd.DataFrame(
        {
            "customer_id": ["C00", "C01"], "program": "behavioural-messages", "offered": pd.to_datetime("2026-01-01"),
            "enrolled": [True, True], "opted_out": [False, True],
        }
    )  # fmt: skip
    result = target(
        PROFILES,
        make_segmentation([0] * 4, ["flat"]),
        None,
        make_settings(goal_kw=9),
        None,
        History(frame, states_opt_out=True),
    )
    assert result.not_target_reason.tolist() == ["already-enrolled", "not-eligible", None, None]
    assert result.program.tolist()[1:] == [None, "behavioural-messages", "behavioural-messages"]
