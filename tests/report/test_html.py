"""The page of a verification: complete, well-formed, small, and closed to everything from outside."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify_reports import TAKEN_S, blind, hostile, huge, live, one, report, tame

from generator.contract.report import fail, skip, unknown
from verify.live.live import Kafka, Live, LogDir
from verify.report.charts import charts_of, quantile
from verify.report.formats import FORMATS
from verify.report.html import commands
from verify.report.svg import compact, nice_top


class _Reader(HTMLParser):
    """Reads a page strictly: every tag must be closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "input"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.text += data


def test_page_is_well_formed_and_loads_nothing() -> None:
    """Headings go down one by one, ids are there once, and no address is asked for anything."""
    page = FORMATS["html"](report(live=live()))
    read = _Reader(page)
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    referred = {
        a[key].lstrip("#") for _, a in read.tags for key in ("href", "aria-labelledby") if key in a
    }

    assert len(ids) == len(set(ids))
    assert referred <= set(ids)
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in zip([0, *levels], levels, strict=False))
    assert re.search(
        "default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'", page
    )
    assert not re.search(r"\b(?:src|href)=\"(?!#)|url\(|@import|style=|\son\w+=", page)


def test_page_tells_everything() -> None:
    """Verdict, facts, what to look at with its remedy, and what each check compares."""
    text = re.sub(r"\s+", " ", _Reader(FORMATS["html"](report())).text)

    for said in (
        "prod: unhealthy 6 checks: 2 pass, 1 skip, 1 warn, 1 unknown, 1 fail: unhealthy (exit 5)",
        "clusterevents namespacekafka-prod cluster idabc123 contextprod-admin"
        " serverhttps://10.0.0.1:6443 taken2026-11-21 14:35:15 UTC took12.3 s rounds2",
        "To look at fail topics-exist: orders.0, orders.1, orders.2, orders.3, orders.4, orders.5, orders.6, orders.7, orders.8, orders.9 … and 2 more: is missing unknown group-lag: billing: no answer within 8 s",
        "orders.0, orders.1, orders.2, orders.3, orders.4, orders.5, orders.6, orders.7, orders.8, orders.9 … and 2 more is missing pass payments exists look at what the Topic Operator says:"
        " kubectl -n kafka-prod get kafkatopics",
        "kubectl -n kafka-prod describe kafkatopic invoices then merge or revert",
        "Compares: the cluster id that brokers tell",
    ):
        assert said in text
    assert "Measured" not in text


def test_page_of_strangers_is_text() -> None:
    """Whatever they name things, there is one script, no picture, and the tags are those of the tame."""
    bad, good = (_Reader(FORMATS["html"](each)) for each in (hostile(), tame(hostile())))

    tags = [tag for tag, _ in bad.tags]
    assert (tags.count("script"), tags.count("img")) == (1, 0)
    assert tags.count("details") > [tag for tag, _ in good.tags].count("details")  # the charts
    assert '</script><script>alert("1")</script>' in bad.text


def test_page_folds_long_lists() -> None:
    """A cluster on which nothing is right has dozens of checks to look at."""
    wrong = tuple(one(fail(f"x{number}"), check=f"c{number}") for number in range(70))
    text = re.sub(r"\s+", " ", _Reader(FORMATS["html"](report(wrong))).text)

    assert "fail c19: x19 and 50 more fail c20: x20" in text


def test_page_begins_with_causes_and_tells_what_was_not_looked_at() -> None:
    """What only follows from a cause, or says the same, is folded below it, with links."""
    blind = [one(unknown("nobody answers"), check=name) for name in ("a", "b", "c")]
    shown = report((*blind, one(fail("x"), check="d"), one(skip("nobody asked"), check="e")))
    found = _Reader(FORMATS["html"](shown))
    text = re.sub(r"\s+", " ", found.text)

    assert (
        "Not found out nobody answers3 checks could not find outa, b, c"
        " To look at fail d: x Not looked at nobody asked: e Checks" in text
    )
    assert [at["href"] for tag, at in found.tags if tag == "a" and at["href"] != "#checks"] == [
        "#c1", "#c2", "#c3", "#c4",
    ]  # fmt: skip


def test_page_stays_small() -> None:
    """50,000 outcomes of 5,000 topics with the longest names are counted, not listed."""
    page = FORMATS["html"](huge())

    assert len(page.encode()) < 1_000_000
    assert "… and 4950 more." in page
    assert "The first 30 of 60 brokers." in page


@pytest.mark.parametrize(
    ("remedy", "pieces"),
    [
        ("", []),
        ("look harder.", [(False, "look harder")]),
        ("`a b`, then wait", [(True, "a b"), (False, "then wait")]),
        ("kubectl -n x logs POD --since=10m of the broker", [
            (True, "kubectl -n x logs POD --since=10m"), (False, "of the broker")]),
        ("delete it: kafka-topics.sh --delete --topic NAME.", [
            (False, "delete it:"), (True, "kafka-topics.sh --delete --topic NAME")]),
        ("kubectl get pods; where all run, wait", [
            (True, "kubectl get pods"), (False, "where all run, wait")]),
    ],
)  # fmt: skip
def test_commands_of_remedies(remedy: str, pieces: list[tuple[bool, str]]) -> None:
    """What is quoted, or begins with a tool that one has, can be copied by itself."""
    assert commands(remedy) == pieces


def test_charts_of_a_cluster() -> None:
    """Each has a title, names its axis and unit, and says the same in a table."""
    charts = {chart.title: chart for chart in charts_of(live())}

    assert {title: chart.numbers[0] for title, chart in charts.items()} == {
        "Produce latency by broker": ["0", "4.17", "11.32", "12.17", "12.39", "100"],
        "End-to-end latency by broker": ["0", "9.00", "25.09", "27.01", "27.50", "100"],
        "End-to-end latency of all records": ["2 to 5", "29"],
        "Partitions and leaders by broker": ["0", "240", "120", "0"],
        "Disks by broker": ["0", "/var/lib/kafka/data-0/kafka-log0", "20Gi", "15Gi", "100Gi"],
        "Lag by consumer group": ["team-19.orders-group", "1843", "2280"],
    }
    assert sum(int(row[1]) for row in charts["End-to-end latency of all records"].numbers) == 300
    assert charts["Partitions and leaders by broker"].note == (
        "Broker 0 leads most (120), broker 2 least (0); the mean is 80. Lines mark the means."
    )
    for chart in charts.values():
        root = ET.fromstring(chart.svg)  # noqa: S314 (our own output)
        assert root.get("role") == "img"
        assert str(root.get("aria-label")).startswith(chart.title)
        assert all(len(row) == len(chart.columns) for row in chart.numbers)
        assert root.findall("text[@class='axis']")


def test_charts_without_data_say_why() -> None:
    """A cluster that could not be reached, and one that has nothing to draw."""
    refused = "Not known: events:9093: connection refused"
    assert [(chart.note, chart.svg) for chart in charts_of(blind())] == [(refused, "")] * 6
    bare = Live("prod", TAKEN_S, kafka=Kafka("x", "x", log_dirs=[LogDir(0, "/x", -1, -1, 5)]))
    assert [chart.note for chart in charts_of(bare)] == [
        "No record of the probe was timed.", "No record of the probe was timed.",
        "No record of the probe came back.", "There are no topics.",
        "No broker says how large its disks are.", "No group has committed offsets.",
    ]  # fmt: skip
    assert charts_of(None) == []


@pytest.mark.parametrize(
    ("most", "whole", "expected"),
    [(0, True, (1, 1)), (1, True, (1, 1)), (3, True, (3, 3)), (7, True, (8, 4)),
     (10, False, (10, 5)), (31, False, (40, 4)), (1042, True, (1500, 3)), (0.03, False, (0.03, 3))],
)  # fmt: skip
def test_axes_end_at_round_numbers(most: float, whole: bool, expected: tuple[float, int]) -> None:
    """One to five steps of 1, 2 or 5, the last not below the largest bar."""
    assert nice_top(most, whole=whole) == pytest.approx(expected)


@given(st.floats(1e-3, 1e15), st.booleans())
def test_axes_hold_every_number(most: float, whole: bool) -> None:
    """Whatever is drawn fits, and half of the room is used at least, unless it is a single one."""
    top, steps = nice_top(most, whole=whole)

    assert top >= most * (1 - 1e-9)
    assert 1 <= steps <= 6
    assert top <= max(1, most * 2.5)


def test_numbers_for_people() -> None:
    """Short enough for an axis on a phone."""
    given_ = (0, 0.25, 4.166, 12.0, 999, 1200, 9999, 12_345, 1_234_567, 5e9, 2e13)
    assert [compact(each) for each in given_] == [
        "0", "0.25", "4.2", "12", "999", "1200", "9999", "12.3k", "1.23M", "5G", "20T",
    ]  # fmt: skip


def test_quantiles_are_values_that_were_measured() -> None:
    """The least value that so many do not exceed, as nearest rank says."""
    assert [quantile(range(1, 101), share) for share in (0.5, 0.95, 0.99, 1)] == [50, 95, 99, 100]
    assert quantile([7], 0.5) == 7
