"""Facts: rounding, units of the numbers, and a schema that refuses what it doesn't know."""

import math

import factories
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from reporter.facts import Facts, tell
from reporter.facts.rounding import rounded


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.123456789, 0.123457),
        (-0.000123456789, -0.000123457),
        (1.5, 1.5),
        (999.123456, 999.123),
        (601734.8951, 601734.895),
        (471845.3312, 471845.331),
        (123456789.98765, 123456789.988),
        (-0.0, 0.0),
        (float("nan"), None),
        (float("inf"), None),
        (np.float32(0.1), 0.1),
        (7, 7),
        (True, True),
        ("text", "text"),
        (None, None),
    ],
)
def test_rounding(value: object, expected: object) -> None:
    found = rounded(value)
    assert found == expected
    assert type(found) is type(expected)
    assert math.copysign(1, found) == 1 if found == 0 and not isinstance(found, bool) else True


def test_rounding_goes_into_containers() -> None:
    nested = {"a": [0.123456789, (np.array([np.nan, 2.0]), {"b": np.float32(1.23456789)})]}
    assert rounded(nested) == {"a": [0.123457, [[None, 2.0], {"b": 1.23457}]]}


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.floats(-1e12, 1e12))
def test_rounding_is_close_and_settled(value: float) -> None:
    once = rounded(value)
    assert once == pytest.approx(value, rel=5.1e-6, abs=1e-300)
    assert rounded(once) == once
    if abs(value) >= 1000:
        assert once == pytest.approx(value, abs=5.1e-4)


def test_facts_survive_a_round_trip() -> None:
    facts, _ = factories.run(k=4, customers=200, enrolment_rate=0.2)
    assert Facts.model_validate_json(facts.model_dump_json()) == facts


@pytest.mark.parametrize("change", [{"unknown": 1}, {"period": None}, {"segments": [{}]}])
def test_what_the_schema_does_not_know_is_refused(change: dict[str, object]) -> None:
    facts, _ = factories.run()
    with pytest.raises(ValidationError):
        Facts.model_validate(facts.model_dump() | change)


@pytest.mark.parametrize("hours", [23, 25])
def test_a_profile_has_24_hours(hours: int) -> None:
    facts, _ = factories.run()
    tree = facts.model_dump()
    tree["segments"][0]["profile_kw"] = [1.0] * hours
    with pytest.raises(ValidationError):
        Facts.model_validate(tree)


def test_own_events_of_an_offered_program_stand_beside_its_published_effect() -> None:
    facts, _ = factories.run(k=4)
    study = factories.events(facts.segments)
    rows = [
        row.model_copy(
            update={
                "program": "critical-peak-price" if place == 0 else row.program,
                "effect_basis": "share-of-load",
                "effect_share": 0.16,
                "total_kw": 10.0 * (place + 1),
                "offers": 10,
            }
        )
        for place, row in enumerate(facts.targets.programs[:2])
    ]
    known = facts.model_copy(
        update={"targets": facts.targets.model_copy(update={"programs": rows}), "events": study}
    )
    own = tell(known).own_events
    assert own is not None
    assert (own.share, own.published_share) == (pytest.approx(0.2), pytest.approx(0.16))
    # 10 kW × 0.20 ÷ 0.16 of the program that the events were of, and 20 kW of the other.
    assert own.expected_kw == pytest.approx(12.5 + 20.0)
    # Events from 16 to 20 h, peak hours from 17 to 21 h on five days.
    assert tell(known).peak_hours_in_events == 15
    unsure = known.model_copy(update={"events": factories.events(facts.segments, half=0.3)})
    assert tell(unsure).own_events is None
    assert tell(facts).peak_hours_in_events is None
