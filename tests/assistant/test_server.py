"""The server, through the SDK's own client over standard input and output: a scripted conversation."""

import json
import re
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pandas as pd
import pytest

from reporter.resources import sample_run

pytest.importorskip("mcp")
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError

ARGUMENTS: dict[str, dict[str, Any]] = {
    "program": {"program": "critical-peak-price"},
    "segment_program": {"segment": "Evening peak"},
    "count": {"what": "customers_used"},
    "segment": {"segment": "S1"},
    "rank_segments": {"metric": "coincident_kw"},
    "compare_segments": {"first": "S1", "second": "flat"},
    "why_label": {"segment": "flat"},
    "check": {"check": "spikes"},
    "glossary": {"term": "load factor"},
    "figure": {"figure": "gains"},
    "customer": {"customer_id": "C10336081"},
    "why_target": {"customer_id": "C10336081"},
    "what_if": {"goal_kw": 5.0},
}
OF_CUSTOMERS = {"customer", "why_target", "target_list"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    shutil.copytree(sample_run(), folder / "2026Q2")
    figures = folder / "2026Q2" / "figures"
    figures.mkdir()
    (figures / "gains.png").write_bytes(b"\x89PNG gains")
    (figures / "overlay-01.png").write_bytes(b"\x89PNG curves")
    shutil.copytree(sample_run(), folder.parent / "outside-of-it")
    (folder / "linked").symlink_to(folder.parent / "outside-of-it")
    (folder / "broken").mkdir()
    (folder / "broken" / "facts.json").write_text("{", encoding="utf-8")
    return folder


def talk(reports: Path, conversation: Callable[[Client], Awaitable[None]], *options: str) -> None:
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "reporter", "mcp", str(reports), *options]
    )

    async def run() -> None:
        async with Client(stdio_client(parameters)) as client:
            await conversation(client)

    anyio.run(run)


def text(result: Any) -> str:
    return " ".join(part.text for part in result.content)


def test_a_conversation(reports: Path) -> None:
    ids = set(
        pd.read_parquet(reports / "2026Q2" / "customers.parquet", columns=["customer_id"])["customer_id"]
    )

    async def conversation(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert not OF_CUSTOMERS & set(tools)
        assert all(
            tool.annotations is not None and tool.annotations.read_only_hint for tool in tools.values()
        )
        assert all(tool.description and tool.output_schema for tool in tools.values())
        assert set(tools["count"].input_schema["properties"]["what"]["enum"]) >= {"offers", "days"}

        runs = (await client.call_tool("list_runs", {})).structured_content
        assert [row["run"] for row in runs["runs"]] == ["2026Q2"]
        assert "broken" in runs["unreadable"][0]

        for name in set(tools) - {"list_runs", "ask"}:
            result = await client.call_tool(name, {"run": "2026Q2", **ARGUMENTS.get(name, {})})
            assert not result.is_error, f"{name}: {text(result)}"
            assert result.structured_content["query"] == name
            assert result.structured_content["answer"]
            assert not ids & set(re.findall(r"\w+", json.dumps(result.structured_content)))

        asked = await client.call_tool("ask", {"run": "2026Q2", "question": "How many customers were used?"})
        assert asked.structured_content["answered"]
        assert "229" in asked.structured_content["answer"]
        assert {"path": "quality.customers_used", "value": 229} in asked.structured_content["facts"]
        asked = await client.call_tool("ask", {"run": "2026Q2", "question": "Who is the CEO?"})
        assert not asked.structured_content["answered"]
        assert len(asked.structured_content["suggestions"]) == 3
        for question in ("Why is customer C10336081 not on the list?", "Who are the first 5 on the list?"):
            asked = await client.call_tool("ask", {"run": "2026Q2", "question": question})
            assert not asked.structured_content["answered"]
            assert "C95631976" not in json.dumps(asked.structured_content)

    talk(reports, conversation)


def test_what_is_wrong_is_said_so_that_it_can_be_mended(reports: Path) -> None:
    async def conversation(client: Client) -> None:
        result = await client.call_tool("segment", {"run": "2026Q2", "segment": "S99"})
        assert not result.structured_content["answered"]
        assert "Evening peak" in result.structured_content["answer"]
        for name, arguments, said in (
            ("summary", {"run": "2031Q1"}, "2026Q2"),
            ("count", {"run": "2026Q2", "what": "horses"}, "customers_used"),
            ("rank_segments", {"run": "2026Q2"}, "metric"),
            ("what_if", {"run": "2026Q2", "participation": 20}, "participation"),
            ("summary", {"run": "broken"}, "broken"),
        ):
            result = await client.call_tool(name, arguments)
            assert result.is_error
            assert said in text(result), text(result)
        for run in (
            "../outside-of-it",
            "linked",
            "..",
            ".",
            "/etc",
            "2026Q2/../2026Q2",
            "2026Q2/",
            "%2e%2e",
            "2026Q2\x00",
        ):
            result = await client.call_tool("summary", {"run": run})
            assert result.is_error, run
            assert "There is no run" in text(result)

    talk(reports, conversation)


def test_resources_and_prompts(reports: Path) -> None:
    async def conversation(client: Client) -> None:
        templates = {row.uri_template for row in (await client.list_resource_templates()).resource_templates}
        assert "report://{run}/summary" in templates
        ids = set(
            pd.read_parquet(reports / "2026Q2" / "customers.parquet", columns=["customer_id"])["customer_id"]
        )
        for name in ("summary", "segments", "programs", "findings"):
            (content,) = (await client.read_resource(f"report://2026Q2/{name}")).contents
            assert content.text and not ids & set(re.findall(r"\w+", content.text))
        (content,) = (await client.read_resource("report://2026Q2/figures/gains")).contents
        assert content.blob
        for uri in (
            "report://2031Q1/summary",
            "report://2026Q2/figures/overlay-01",
            "report://2026Q2/figures/..%2F..%2Ffacts",
            "report://..%2Foutside-of-it/summary",
            "report://2026Q2/nothing",
        ):
            with pytest.raises(MCPError):
                await client.read_resource(uri)
        prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}
        assert prompts == {"quarterly_review", "program_pitch", "data_quality_triage"}
        found = await client.get_prompt("program_pitch", {"run": "2026Q2", "program": "critical-peak-price"})
        assert "critical-peak-price" in found.messages[0].content.text

    talk(reports, conversation)


def test_single_customers_only_when_told_to(reports: Path) -> None:
    async def conversation(client: Client) -> None:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert tools >= OF_CUSTOMERS
        for name in OF_CUSTOMERS:
            result = await client.call_tool(name, {"run": "2026Q2", **ARGUMENTS.get(name, {})})
            assert result.structured_content["answered"]

    talk(reports, conversation, "--customers")
