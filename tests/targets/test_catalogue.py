from pathlib import Path
from typing import get_args

import pytest

from reporter.errors import DataError
from reporter.targets.catalogue import Label, read_catalogue

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


@pytest.mark.parametrize(
    ("label", "own_peak", "program"),
    [
        ("evening-peak", True, "critical-peak-price"),
        ("double-peak", True, "critical-peak-price"),
        ("mid-peak", True, "time-of-use-rate"),
        ("morning-peak", False, "time-of-use-rate"),
        ("midday-peak", False, "time-of-use-rate"),
        ("night-peak", True, "managed-ev-charging"),
        ("night-peak", False, "critical-peak-price"),
        ("solar-export", True, "time-of-use-rate"),
        ("flat", False, "behavioural-messages"),
    ],
)
def test_first_program_of_each_label(label: str, own_peak: bool, program: str) -> None:
    best = read_catalogue().best_for(label, own_peak=own_peak)
    assert best is not None
    assert best.id == program
    assert label in get_args(Label)


def test_effects_are_the_published_ones_and_every_one_has_a_source() -> None:
    catalogue = read_catalogue()
    effects = {p.id: (p.effect.low, p.effect.value, p.effect.high) for p in catalogue.quantified if p.effect}
    assert effects == {
        "critical-peak-price": (0.06, 0.20, 0.35),
        "time-of-use-rate": (0.06, 0.10, 0.23),
        "behavioural-messages": (0.03, 0.03, 0.05),
    }
    assert all(program.source and "published" in program.range_note for program in catalogue.program)


def test_the_first_fitting_program_of_the_catalogue_is_offered(tmp_path: Path) -> None:
    second = GOOD.replace('"rebate"', '"price"').replace('["flat"]', '["mid-peak", "flat"]')
    path = tmp_path / "programs.toml"
    path.write_text(second + GOOD, encoding="utf-8")
    best = read_catalogue(path).best_for("flat", own_peak=False)
    assert best is not None
    assert best.id == "price"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("low = 0.1", "low = 0.25", "'program rebate effect' is not valid"),
        ("high = 0.3", "high = 30", "'program rebate effect.high' is not valid"),
        ('title = "Rebate"', 'titel = "Rebate"', "'program rebate title' is not valid: Field required"),
        ('title = "Rebate"', 'title = "Rebate"\nextra = 1', "'program rebate extra' is not valid"),
        ('["flat"]', '["flatt"]', "'program rebate labels.0' is not valid"),
        ("[program.source]", "[program.sauce]", "'program rebate"),
        ('id = "rebate"', 'id = "Rebate!"', "id' is not valid"),
        ('id = "rebate"', "", "'program number 1 id' is not valid"),
        ("[[program]]", "[program]", "'program' is not valid"),
        ("value = 0.2", "value = ", "can't be read"),
    ],
)
def test_broken_catalogue_is_refused_with_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "programs.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_catalogue(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_same_id_twice_and_effect_without_source_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "programs.toml"
    path.write_text(GOOD + GOOD, encoding="utf-8")
    with pytest.raises(DataError, match="'rebate' appears more than once"):
        read_catalogue(path)
    path.write_text(GOOD[: GOOD.index("[program.source]")], encoding="utf-8")
    with pytest.raises(DataError, match=r"an effect needs a \[program.source\]"):
        read_catalogue(path)
