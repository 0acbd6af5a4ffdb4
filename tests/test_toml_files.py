from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from reporter.errors import DataError
from reporter.toml_files import line_of, read_toml


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    value: float = Field(ge=0, le=1)
    low: float = 0.0

    @model_validator(mode="after")
    def _ordered(self) -> "Part":
        if self.low > self.value:
            raise ValueError(f"low {self.low} is above value {self.value}")
        return self


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    labels: list[str] = []
    part: Part | None = None


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    currency: str = ""
    thing: list[Thing] = []


GOOD = """# a comment
currency = "USD"

[[thing]]
id = "one"
labels = [
  "a",
  "b",
]

[[thing]]
id = "two"
[thing.part]
value = 0.5
low = 0.1
"""


def read(folder: Path, text: str) -> File:
    path = folder / "things.toml"
    path.write_text(text, encoding="utf-8")
    return read_toml(path, File, "the things")


def test_a_good_file(tmp_path: Path) -> None:
    things = read(tmp_path, GOOD).thing
    assert [thing.id for thing in things] == ["one", "two"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "value = 0.5",
            "value = 5",
            "line 14: 'part.value' of the thing 'two' = 5 is not valid: input should be less",
        ),
        (
            "low = 0.1",
            "lov = 0.1",
            "line 15: 'part.lov' of the thing 'two' is no key here; did you mean 'low'",
        ),
        ("low = 0.1", "low = 0.9", "line 13: 'part' of the thing 'two': low 0.9 is above value 0.5"),
        ("value = 0.5\n", "", "line 13: 'part.value' of the thing 'two' is missing"),
        ('id = "one"\n', "", "line 4: 'id' of thing number 1 is missing"),
        ('  "b",', "  3,", "line 6: 'labels' of the thing 'one' = 3 is not valid"),
        ('currency = "USD"', "currency = 5", "line 2: 'currency' = 5 is not valid"),
        ('currency = "USD"', "xyz = 5", "line 2: 'xyz' is no key here; the keys are currency, thing"),
        ("[thing.part]", "[thing.part", "line 13: this is no TOML"),
        ('currency = "USD"', 'currency = "USD', "line 2: this is no TOML"),
        ("low = 0.1", "part = [", "this is no TOML"),
    ],
)
def test_every_error_has_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(DataError) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert str(caught.value).startswith(f"{tmp_path / 'things.toml'}, line ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_toml(tmp_path / "none.toml", File, "the things")
    with pytest.raises(DataError, match="the things can't be read"):
        read_toml(tmp_path, File, "the things")
    (tmp_path / "latin.toml").write_bytes(b'currency = "\xa3"\n')
    with pytest.raises(DataError, match="not UTF-8"):
        read_toml(tmp_path / "latin.toml", File, "the things")


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("a",), 1),
        (("b", "c"), 3),
        (("b", "d", "e"), 4),
        (("b", "x", "y"), 5),
        (("list", 0, "k"), 7),
        (("list", 1, "k"), 9),
        (("list", 1, "sub", 0, "z"), 11),
        (("list", 1, "sub", 1, "z"), 13),
        (("list", 1, "missing"), 8),
        (("nowhere",), 1),
        (("list", 1, "sub", 1, "q"), 12),
    ],
)
def test_lines_of_places(place: Any, line: int) -> None:
    text = (
        "a = 1\n[b]\nc = 1\nd.e = 2\nx = { y = 1 }\n[[list]]\nk = 1\n[[list]]\nk = 2\n[[list.sub]]\nz = 1\n[[list.sub]]\n"
        '"z" = 2\n'
        'text = """\nq = 5\n"""\n'
    )
    assert line_of(text, place) == line
