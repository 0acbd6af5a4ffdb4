"""Sentences in other words."""

import pytest

from reporter.figures.phrases import holes, translated

TABLE = (
    ("goal", "Ziel"),
    ("{} customers", "{} Haushalte"),
    ("{} customers have a gap of {} hours or more", "{1} Stunden und mehr fehlen bei {0} Haushalten"),
    ("It bends at {}", "Sie knickt bei {}"),
)


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("goal", "Ziel"),
        ("goals", "goals"),
        ("the goal of it", "the goal of it"),
        ("1,240 customers", "1,240 Haushalte"),
        ("1,240 customers have a gap of 48 hours or more.", "48 Stunden und mehr fehlen bei 1,240 Haushalten."),
        ("It bends at 4. Nobody translated this. 12 customers.", "Sie knickt bei 4. Nobody translated this. 12 Haushalte."),
        ("12\ncustomers", "12 Haushalte"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_phrase_stands_for_the_whole_or_for_a_sentence_and_never_for_a_part_of_a_word(
    english: str, said: str
) -> None:
    assert translated(english, TABLE) == said


def test_without_a_table_nothing_changes() -> None:
    assert translated("goal {} (a|b) \\d", ()) == "goal {} (a|b) \\d"


def test_signs_in_a_phrase_and_in_a_text_are_only_signs() -> None:
    table = (("load (kW) [{}]", "Last {}"),)
    assert translated("load (kW) [a{0}\\1|$]", table) == "Last a{0}\\1|$"


def test_parts_are_counted_by_place_or_by_name() -> None:
    assert holes("{} of {}") == [0, 1]
    assert holes("{1} of {0}") == [1, 0]
