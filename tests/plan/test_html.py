"""The page of a plan as text: complete, well-formed, and closed to everything from outside."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser.pages import HOSTILE, between, many, reviewed, topic
from support import Cli, Project

from generator.plan.formats.data import as_data
from generator.plan.formats.html import as_html
from generator.plan.plan import Plan

_VOID = {"meta", "input"}


class _Reader(HTMLParser):
    """Reads a page as strictly as a parser can that knows no HTML: every tag must be closed in order."""

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
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.text += data

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a plan with a bit of everything."""
    return as_html(reviewed(tmp_path_factory.mktemp("plan")))


def _of(change: dict[str, Any], **more: Any) -> str:
    """The page of a plan with one change."""
    base: Any = {
        "kind": "KafkaTopic", "name": "orders", "action": "update", "field": "spec.x",
        "place": "", "impact": "dynamic", "reversible": True, "blocked": "", "approved_by": "", "backup_proof": "",
        "approval": "", "approval_in": [], "before": None, "after": None,
        "effects": [{"impact": "dynamic", "text": "it changes", "reversible": True}], **change,
    }  # fmt: skip
    environment: Any = {"name": "prod", "note": "", "blocked": int(bool(base["blocked"])), "order": [],
                   "summary": {"dynamic": 1}, "changes": [base], "unused_approvals": [], **more}  # fmt: skip
    return as_html(
        {**as_data(Plan([])), "environments": [environment], "blocked": environment["blocked"],
         "summary": {"dynamic": 1}}
    )  # fmt: skip


def test_page_is_well_formed(page: str) -> None:
    """Tags close in order, ids are there once, and what refers to one finds it."""
    read = _Reader(page)
    ids = read.values("id")

    assert page.startswith('<!doctype html>\n<html lang="en">\n')
    assert len(ids) == len(set(ids))
    assert set(read.values("aria-labelledby")) <= set(ids)
    assert {link.removeprefix("#") for link in read.values("href")} <= set(ids)


def test_headings_go_down_one_by_one(page: str) -> None:
    """For those who read by headings: no level is left out, and there is one of the first."""
    levels = [int(tag[1]) for tag, _ in _Reader(page).tags if re.fullmatch("h[1-6]", tag)]

    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in zip([0, *levels], levels, strict=False))


def test_page_loads_nothing(page: str) -> None:
    """No address is in it, and its policy would refuse one; it names style and script by digest."""
    policy = _Reader(page).tags[3][1]["content"].split("; ")
    parts = re.search("<style>(.*?)</style>.*<script>(.*?)</script>", page, re.DOTALL)

    assert parts is not None
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
        for part in parts.groups()
    ]
    assert policy == ["default-src 'none'", f"style-src {digests[0]}", f"script-src {digests[1]}",
                      "base-uri 'none'", "form-action 'none'"]  # fmt: skip
    assert not re.search(r"https?:|//\w|src=|url\(|@import|style=|\son\w+=", page)


def test_blocked_changes_come_first(page: str) -> None:
    """With the reason, and the lines that would approve them."""
    text = re.sub(r"\s+", " ", _Reader(page).text)

    assert text.index("4 blocked") < text.index("Blocked") < text.index("dev 1 change")
    assert text.index("data-loss: approve it, or take it back") < text.index("dev 1 change")
    assert "Blocked: data-loss: approve it, or take it back" in text
    assert (
        "Add to a file in environments/prod/:approvals: invoices-retention-ms: object:"
        ' KafkaTopic/invoices change: spec.config.retention.ms to: 86400000 reason: "<why it is'
        ' acceptable>" owner: "<team>" expires: "<YYYY-MM-DD>"'
    ) in text


def test_page_tells_everything(page: str) -> None:
    """Values, consequences, whether they can be taken back, approvals, and Argo CD's order."""
    text = re.sub(r"\s+", " ", _Reader(page).text)

    for said in (
        "13 changes in dev, prod and staging",
        "data-loss 4 data is deleted",
        "update KafkaTopic invoices spec.config.retention.ms",
        "604800000 (7d) → 86400000 (1d)",
        "about 6d of invoices on 3 replicas is deleted. A revert does not bring it back.",
        "gains Write on topic orders",
        "Approved: less-receipts",
        "Approved, but not needed here: left-over.",
        "staging new environment, 5 changes",
        "Sync wave 10: KafkaTopic/",
        "Waits here until all of it is healthy.",
        "Hangs: KafkaTopic/returns: paused, so Argo CD waits for it until the annotation goes",
        "Prune wave 10: KafkaTopic/refunds",
    ):
        assert said in text


@pytest.mark.parametrize(
    "field",
    ["name", "kind", "field", "place", "before", "after", "blocked", "approved_by", "backup_proof"],
)
def test_texts_of_strangers_stay_text(field: str) -> None:
    """Whatever stands in a pull request's files, no tag and no attribute comes from it."""
    good, bad = (_Reader(_of({"blocked": "x", field: text})) for text in ("harmless", HOSTILE))

    assert [(tag, sorted(names)) for tag, names in bad.tags] == [
        (tag, sorted(names)) for tag, names in good.tags
    ]
    assert HOSTILE in bad.text


def test_environments_of_strangers_stay_text() -> None:
    """Folders can have any name, too, and so can what their order names."""
    order = [{"phase": "Sync", "wave": 0, "objects": [HOSTILE], "gates": True, "hangs": [HOSTILE]}]
    read = _Reader(_of({}, name=HOSTILE, note=HOSTILE, order=order, unused_approvals=[HOSTILE]))

    assert read.values("data-name") == [HOSTILE]
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert read.text.count(HOSTILE) == 7


@pytest.mark.parametrize(
    "sign", ["\x00", "\x1b", "\x85", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800"]
)
def test_nothing_hides(sign: str) -> None:
    """What cannot be seen, or turns round what follows, is spelled out; it cannot stop the page."""
    page = _of({"name": f"orders{sign}", "after": [f"a{sign}b"]})

    assert sign not in page
    assert f"orders\\u{ord(sign):04x}" in page
    assert f"a\\u{ord(sign):04x}b" in page
    page.encode()


def test_letters_of_all_languages_stay() -> None:
    """And so do newlines."""
    text = "Größe, заказы, 注文, طلبات"

    assert text in _of({"after": text})
    assert "a</ins>\n<ins>b" in _of({"after": "a\nb"})


@pytest.mark.parametrize(
    ("before", "after", "field", "expected"),
    [
        (6, 12, "spec.replicas", "6 → 12"),
        (None, 12, "spec.replicas", "not set → 12"),
        (12, None, "spec.replicas", "12 → not set"),
        (True, False, "spec.config.x", "true → false"),
        ("", "a", "spec.x", " → a"),
        (-1, 86_400_000, "spec.config.retention.ms", "-1 (unlimited) → 86400000 (1d)"),
        (1024, 2048, "spec.config.segment.bytes", "1024 (1Ki) → 2048 (2Ki)"),
        (["a", "b", "c"], ["a", "c", "d"], "spec.x", "1 unchanged\nb\n1 unchanged\nd\n"),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, "spec.x", "1 unchanged\nb: 2\nb: 3\n"),
        (None, {"b": [1], "a": {}}, "spec.x", "a: {}\nb: [1]\n"),
        ("a\nb", "a\nc", "spec.x", "1 unchanged\nb\nc\n"),
    ],
)  # fmt: skip
def test_values_before_and_after(before: Any, after: Any, field: str, expected: str) -> None:
    """Simple ones side by side, those with parts line by line, and only what differs of them."""
    text = _Reader(_of({"before": before, "after": after, "field": field})).text

    assert f"\n{expected}\n" in text


def test_what_no_approval_helps_gets_none() -> None:
    """Protected objects have to be released first; lines that would do nothing mislead."""
    assert "How to approve" not in _of({"blocked": "it is protected: release it first"})
    assert "How to approve" in _of({"blocked": "dynamic: approve it", "approval": "approvals:"})


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["dev"], "1 change in dev"),
        (["dev", "prod"], "2 changes in dev and prod"),
        (["dev", "prod", "staging"], "3 changes in dev, prod and staging"),
        (["a", "b", "c", "d"], "4 changes in 4 environments"),
    ],
)
def test_title_counts(names: list[str], title: str) -> None:
    """And names the environments while they are few."""
    data = json.loads(json.dumps(as_data(Plan([]))))
    change = {"kind": "K", "name": "n", "action": "create", "field": "", "place": "", "impact": "dynamic",
              "reversible": True, "effects": [], "blocked": "", "approval": "", "approval_in": [], "approved_by": "",
              "backup_proof": ""}  # fmt: skip
    data["environments"] = [
        {"name": name, "note": "", "blocked": 0, "summary": {}, "order": [], "unused_approvals": [],
         "changes": [change]}
        for name in names
    ]  # fmt: skip

    assert f"<title>{title}</title>" in as_html(data)
    assert f"<h1>{title}</h1>" in as_html(data)
    assert "Nothing blocked." in as_html(data)


def test_no_change_is_said(project: Project, cli: Cli, tmp_path: Path) -> None:
    """By the command, as a page that has nothing to search and so runs no script."""
    for side in ("before", "after"):
        Project(tmp_path / side).write("prod/orders.yaml", topic("orders", 6))
    project.environment()

    code, out, err = cli("plan", "--from", str(tmp_path / "before"), "--to", str(tmp_path / "after"),
                         "--format", "html")  # fmt: skip

    assert (code, err) == (0, "")
    read = _Reader(out)
    assert "Nothing changes\n" in read.text
    assert {"script", "input", "button"}.isdisjoint(tag for tag, _ in read.tags)


def test_command_writes_the_page(project: Project, cli: Cli, tmp_path: Path) -> None:
    """Beside any other format."""
    for side, partitions in (("before", 6), ("after", 12)):
        Project(tmp_path / side).write("prod/orders.yaml", topic("orders", partitions))
    project.environment()
    page = tmp_path / "plan.html"

    code, _, _ = cli("plan", "--from", str(tmp_path / "before"), "--to", str(tmp_path / "after"),
                     "--out", f"html={page}")  # fmt: skip

    assert code == 0
    assert "6 → 12" in _Reader(page.read_text(encoding="utf-8")).text


def test_two_thousand_changes_fit(tmp_path: Path) -> None:
    """All are in the page, which stays small enough to open on a phone."""
    data = many(tmp_path, 2000)
    page = as_html(data)

    assert page.count('<li class="change') == 2000
    assert len(page.encode()) < 2_000_000
    assert "and 988 more" in page


def test_plan_of_any_folder_has_a_page(tmp_path: Path) -> None:
    """An object that the plan knows nothing of is shown as well."""
    old = "apiVersion: example.com/v1\nkind: Sundial\nmetadata: {name: a}\nspec: {a: x}\n"

    data = between(tmp_path, {"a": old}, {"a": old.replace("x}", "z}")})

    assert _Reader(as_html(data)).text.count("Sundial") == 2
