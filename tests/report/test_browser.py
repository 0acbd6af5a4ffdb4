"""The pages in a browser: what they do with a script, that they read without one, and that they ask nobody for anything."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from reporter.compare import compare
from reporter.figures import draw_all
from reporter.report import render_html
from reporter.report.comparison import render_comparison
from reporter.report.customer import write_customer
from reporter.report.customers import write_customers
from reporter.resources import sample_run
from reporter.run import read_run
from reporter.settings import OutputSettings, Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the pages were not tried in a browser"
)

WIDE, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of the sample run: the report, a comparison with itself, and a customer."""
    folder = tmp_path_factory.mktemp("pages")
    run = read_run(sample_run())
    output = OutputSettings(formats=("html",))
    report = folder / "report.html"
    targets = run.target_list()
    report.write_text(
        render_html(run.facts, draw_all(run.facts, run.profiles), output, targets=targets), encoding="utf-8"
    )
    render_comparison(folder, compare([run, run], Settings()).comparison, output)
    customer = write_customer(
        sample_run(), str(targets["customer_id"][0]), folder / "customer.html", OutputSettings()
    )
    customers = write_customers(sample_run(), folder / "customers.html", OutputSettings())
    return {
        "report": report,
        "comparison": folder / "comparison.html",
        "customer": customer,
        "customers": customers,
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, pages: dict[str, Path]) -> Iterator[Page]:
    page = browser.new_page(viewport=WIDE)
    page.goto(pages["report"].as_uri())
    yield page
    page.close()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("name", ["report", "comparison", "customer", "customers"])
def test_a_page_is_accessible_fits_and_asks_nobody(
    name: str, viewport: dict[str, int], browser: Browser, pages: dict[str, Path]
) -> None:
    page = browser.new_page(viewport=viewport)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(pages[name].as_uri())
    found = Axe().run(page).response
    assert found["passes"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert asked == [pages[name].as_uri()]
    assert said == []
    page.close()


def test_the_pointer_and_the_arrows_read_a_curve(page: Page) -> None:
    picture = page.locator("#cards svg[data-day]:visible").first
    figure = page.locator("#cards figure").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    first, last = (float(share) for share in str(picture.get_attribute("data-day")).split())
    page.mouse.move(
        box["x"] + box["width"] * (first + (last - first) * 18.5 / 24), box["y"] + box["height"] / 2
    )
    row = [
        cell.strip() for cell in figure.locator("details tbody tr").nth(18).locator("td").all_text_contents()
    ]
    readout = figure.locator(".readout")
    assert readout.inner_text().startswith("18 to 19 h: ")
    assert all(value in readout.inner_text() for value in row)
    picture.focus()
    page.keyboard.press("ArrowRight")
    assert figure.locator(".readout").inner_text().startswith("19 to 20 h: ")
    page.mouse.move(0, 0)
    page.keyboard.press("Tab")
    assert readout.inner_text() == ""


def test_the_list_is_sorted_and_filtered(page: Page) -> None:
    rows = page.locator("table.list tbody tr")

    def kw() -> list[float]:
        cells = page.locator("table.list tbody td:last-child").all()
        return [float(str(cell.get_attribute("data-value"))) for cell in cells]

    assert kw() != sorted(kw())
    page.get_by_role("button", name="kW expected").click()
    assert kw() == sorted(kw())
    assert page.locator("th[aria-sort='ascending']").inner_text().startswith("kW expected")
    page.get_by_role("button", name="kW expected").press("Enter")
    assert kw() == sorted(kw(), reverse=True)
    wanted = str(rows.first.locator("th").get_attribute("data-value"))
    page.get_by_label("Find").fill(wanted.lower())
    assert page.locator("table.list tbody tr:visible").count() == 1
    assert page.get_by_role("status").inner_text() == f"1 of {rows.count()} shown"
    page.get_by_label("Find").fill("")
    assert page.locator("table.list tbody tr:visible").count() == rows.count()


def test_one_segment_at_a_time_and_links_find_hidden_ones(page: Page) -> None:
    cards = page.locator("#cards .card")
    buttons = page.locator(".switch button")
    assert buttons.count() == cards.count() + 1
    buttons.nth(2).click()
    assert [card.is_visible() for card in cards.all()] == [n == 1 for n in range(cards.count())]
    page.locator("nav a[href='#segment-1']").click()
    assert all(card.is_visible() for card in cards.all())


def test_the_numbers_behind_a_figure_can_be_taken_along(page: Page, tmp_path: Path) -> None:
    figure = page.locator("#cards figure").first
    figure.locator("summary").click()
    with page.expect_download() as started:
        figure.get_by_role("button", name="Download these numbers").click()
    assert started.value.suggested_filename == f"{figure.get_attribute('id')}.csv"
    started.value.save_as(tmp_path / "numbers.csv")
    with (tmp_path / "numbers.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][0] == "hour"
    assert [row[0] for row in rows[1:]] == [f"{hour} to {hour + 1}" for hour in range(24)]


def test_without_a_script_everything_is_there(browser: Browser, pages: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(pages["report"].as_uri())
    assert page.locator("table.list tbody tr:visible").count() == len(read_run(sample_run()).target_list())
    assert page.locator("#cards .card:visible").count() == len(read_run(sample_run()).facts.segments)
    assert page.locator("button").count() == 0
    context.close()
