import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reporter.beside import Beside
from reporter.report import load_theme, write_report
from reporter.report.drawing import share
from reporter.resources import sample_run
from reporter.run import FIGURES, HTML, Run, read_run
from reporter.settings import OutputSettings

OUTPUT = OutputSettings(formats=("html",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_run(), tmp_path / "run"))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = Path(shutil.copytree(sample_run(), tmp_path_factory.mktemp("alone") / "run"))
    return written(place, read_run(place), None)


@pytest.fixture
def beside() -> Iterator[Beside]:
    with Beside("reporter.report.drawing") as second:
        yield second


def written(folder: Path, run: Run, beside: Beside | None) -> dict[str, bytes]:
    write_report(folder, run.facts, run.profiles, OUTPUT, run.target_list(), beside)
    files = [folder / HTML, *sorted((folder / FIGURES).iterdir())]
    return {file.name: file.read_bytes() for file in files}


def test_it_does_not_show_which_process_drew_a_figure(
    folder: Path, beside: Beside, alone: dict[str, bytes]
) -> None:
    assert written(folder, read_run(folder), beside) == alone
    assert not beside.lost


@pytest.mark.parametrize("steps", [0, 1])
def test_a_second_process_that_dies_costs_time_and_nothing_else(
    folder: Path, beside: Beside, alone: dict[str, bytes], steps: int
) -> None:
    run, theme = read_run(folder), load_theme(OUTPUT)
    drawing = share(folder, run.facts, run.profiles, OUTPUT, theme, beside)
    if steps == 0:
        beside.end()
    drawn = drawing.wide()
    if steps == 1:
        beside.end()
    drawn = drawing.with_twins(drawn)
    drawing.write(drawn, folder / FIGURES)
    assert {f"{name}.png" for name in drawn} < alone.keys()
    for file in (folder / FIGURES).iterdir():
        assert file.read_bytes() == alone[file.name]
    page = alone[HTML].decode()
    assert all(figure.svg_narrow is None or figure.svg_narrow[-200:] in page for figure in drawn.values())


def test_it_ends_with_the_block_even_while_it_is_getting_ready() -> None:
    begun = time.perf_counter()
    with Beside("reporter.report.drawing") as second:
        assert second.running
    assert not second.running
    assert time.perf_counter() - begun < 3


def test_one_that_can_not_begin_is_no_error() -> None:
    with Beside("reporter.errors") as second:
        second.ask({"anything": 1})
        assert second.answer() is None
        second.ask({"anything": 2})
        assert second.answer() is None
