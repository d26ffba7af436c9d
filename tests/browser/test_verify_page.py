"""The page of a verification does in a real browser what it says."""

from pathlib import Path

import pytest
from browser.chrome import Chrome, Page
from browser.pages import CONTRASTS
from verify_reports import HOSTILE, LONG, blind, hostile, huge, live, one, page, report

from generator.contract.report import fail, ok

pytestmark = pytest.mark.browser

SHOWN = (
    "Array.from(document.querySelectorAll('.check')).filter((row) => row.checkVisibility())"
    ".map((row) => row.querySelector('.name').textContent)"
)
"""The checks that can be seen."""
EVERY = ["cluster-id", "reconciled", "topics-exist", "topic-config", "group-lag", "flow"]
GRAPHICS = """(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => numbers(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const card = light(getComputedStyle(document.querySelector('.chart')).backgroundColor);
  const found = {};
  for (const part of document.querySelectorAll('.chart svg text, .chart svg rect:not(.track)')) {
    const [one, other] = [light(getComputedStyle(part).fill), card].sort((a, b) => b - a);
    const name = `${part.tagName} ${part.getAttribute('class')}`;
    found[name] = Math.min(found[name] || 99, (one + 0.05) / (other + 0.05));
  }
  return found;
})()"""
"""The least contrast of what is drawn: WCAG 2 asks 4.5 of text and 3 of graphics."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a report with a bit of everything."""
    return page(report(live=live()), tmp_path_factory.mktemp("report"))


def state(shown: Page) -> tuple[str, str]:
    """What the page says that it shows, and what a link to it would say."""
    said, hash_ = shown.run("[document.querySelector('#count').textContent, location.hash]")
    return said, hash_


def test_everything_is_shown_at_first(chrome: Chrome, file: Path) -> None:
    """Nothing is asked for but the page itself, the console stays empty, and failures are open."""
    opened = chrome.open(file)

    assert state(opened) == ("6 of 6 shown", "")
    assert opened.run(SHOWN) == EVERY
    assert opened.run("Array.from(document.querySelectorAll('.check[open]'), (x) => x.id)") == [
        "c3"
    ]
    assert opened.requests() == [file.as_uri()]
    assert opened.complaints() == []


def test_search_narrows_as_one_types(chrome: Chrome, file: Path) -> None:
    """Every word must be there, also in what is folded."""
    opened = chrome.open(file)

    opened.press("/")
    opened.type("Kubectl invoices")
    assert opened.run(SHOWN) == ["topic-config"]
    assert state(opened) == ("1 of 6 shown", "#q=Kubectl+invoices")
    assert opened.run("document.querySelector('.charts').checkVisibility()") is False

    opened.type(" nowhere")
    assert opened.run(SHOWN) == []
    assert opened.run("document.querySelector('#none').checkVisibility()") is True

    opened.press("Escape")
    assert state(opened) == ("6 of 6 shown", "")
    assert opened.complaints() == []


def test_chips_and_groups_choose(chrome: Chrome, file: Path) -> None:
    """Statuses add to each other; a group narrows what they give."""
    opened = chrome.open(file)

    opened.click("[data-status=fail] button.chip")
    opened.click("[data-status=pass] button.chip")
    assert state(opened) == ("3 of 6 shown", "#status=fail%2Cpass")
    opened.run("const group = document.querySelector('#group'); group.value = 'topics';"
               " group.dispatchEvent(new Event('change'))")  # fmt: skip
    assert opened.run(SHOWN) == ["topics-exist"]
    assert state(opened)[1] == "#status=fail%2Cpass&group=topics"

    opened.click("#clear")
    assert state(opened) == ("6 of 6 shown", "")


def test_links_lead_to_checks_and_searches(chrome: Chrome, file: Path) -> None:
    """A link of the box opens its check; a search can be sent to somebody."""
    opened = chrome.open(file)
    opened.click("[href='#c4']")
    assert opened.run("document.querySelector('#c4').open") is True
    assert opened.run("document.activeElement.tagName") in ("BODY", "DETAILS", "A")

    sent = chrome.open(file, hash_="#q=orders&status=fail&group=topics")
    assert sent.run(SHOWN) == ["topics-exist"]
    odd = chrome.open(file, hash_="#group=no-such&status=none")
    assert odd.run("document.querySelector('#group').value") == ""
    assert odd.complaints() == []


def test_keyboard_is_enough(chrome: Chrome, file: Path) -> None:
    """Tab leads over chips, links and numbers to the search, then to checks, which a key opens."""
    opened = chrome.open(file)
    reached: list[str] = []
    while "c1" not in reached and len(reached) < 40:
        opened.press("Tab")
        reached.append(
            opened.run(
                "((it) => it.id || it.className || it.getAttribute('href')"
                " || it.parentNode.id)(document.activeElement)"
            )
        )

    # The numbers of the charts lie between; they have no names.
    assert [each for each in reached if each] == [
        "skip-link", "chip fail", "chip unknown", "chip warn", "chip skip", "chip pass",
        "#c3", "#c5", "#c4", "query", "group", "c1",
    ]  # fmt: skip
    opened.press("Enter", "\r")
    assert opened.run("document.querySelector('#c1').open") is True


def test_commands_can_be_copied(chrome: Chrome, file: Path) -> None:
    """By a button; where the clipboard is not allowed, the command is selected instead."""
    opened = chrome.open(file)
    opened.run(
        "Object.defineProperty(navigator, 'clipboard',"
        " {value: {writeText: async (text) => { window.copied = text; }}})"
    )
    opened.click("#c3 .copy")
    assert opened.run("window.copied") == "kubectl -n kafka-prod get kafkatopics"
    assert opened.run("document.querySelector('#c3 .copy').textContent") == "Copied"

    opened.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    opened.click("#c3 .copy")
    assert opened.run("String(getSelection())") == "kubectl -n kafka-prod get kafkatopics"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everything_can_be_read(chrome: Chrome, file: Path, dark: bool) -> None:
    """Text has a contrast of 4.5 and what is drawn one of 3, in both schemes."""
    opened = chrome.open(file, dark=dark)
    opened.run("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    contrasts = opened.run(CONTRASTS)
    drawn = opened.run(GRAPHICS)

    assert {"SPAN chip fail", "P quiet", "INPUT ", "CODE ", "PRE ", "P verdict bad",
            "TH ", "BUTTON copy"} <= contrasts.keys()  # fmt: skip
    assert {n: c for n, c in contrasts.items() if c < 4.5} == {}
    assert {"text tick", "text axis", "rect a", "rect b", "rect c"} <= drawn.keys()
    least = {name: 4.5 if name.startswith("text") else 3 for name in drawn}
    assert {name: ratio for name, ratio in drawn.items() if ratio < least[name]} == {}


def test_phone_has_no_sideways_scrolling(chrome: Chrome, tmp_path: Path) -> None:
    """At 320 pixels the longest name wraps; only tables scroll within their frame."""
    shown = report((one(fail(LONG, LONG), fail("x"), check=LONG, remedy=f"`kubectl get {LONG}`"),
                    one(ok(LONG))), live=live(name="{}" + LONG[:200]))  # fmt: skip
    opened = chrome.open(page(shown, tmp_path), width=320)
    opened.run("document.querySelectorAll('details').forEach((part) => { part.open = true; })")

    assert opened.run("[document.documentElement.scrollWidth, innerWidth]") == [320, 320]
    cut = (
        "Array.from(document.querySelectorAll('body *:not(svg, svg *, .wide, #query)')).filter((part)"
        " => part.clientWidth && part.scrollWidth > part.clientWidth + 1).map((part) => part.outerHTML)"
    )
    assert opened.run(cut) == []
    # Labels of charts end before their values begin; names that are longer stand in the table.
    clash = """Array.from(document.querySelectorAll('.chart svg > svg')).filter((label) => {
      const value = label.nextElementSibling.getBoundingClientRect();
      const left = label.parentNode.getBoundingClientRect().left;
      return left + label.width.animVal.value > value.left + 1;
    }).length"""
    assert opened.run(clash) == 0


def test_charts_are_told_to_those_who_do_not_see_them(chrome: Chrome, file: Path) -> None:
    """Each is one image with a name, and a table tells the same."""
    tree = chrome.open(file, scripts=False).call("Accessibility.getFullAXTree")["nodes"]
    images = [n["name"]["value"] for n in tree if n["role"].get("value") == "image"]

    assert [name.partition(":")[0] for name in images] == [
        "Produce latency by broker", "End-to-end latency by broker",
        "End-to-end latency of all records", "Partitions and leaders by broker",
        "Disks by broker", "Lag by consumer group",
    ]  # fmt: skip
    assert all(name.endswith("the table has the numbers.") for name in images)


def test_without_scripts_everything_is_there(chrome: Chrome, file: Path) -> None:
    """Only the search and the buttons are missing."""
    opened = chrome.open(file, scripts=False)
    roles = [
        node["role"]["value"]
        for node in opened.call("Accessibility.getFullAXTree")["nodes"]
        if not node.get("ignored")
    ]

    assert "button" not in roles
    assert "searchbox" not in roles
    assert {"banner", "main", "contentinfo"} <= set(roles)
    assert roles.count("heading") == 16


def test_paper_shows_what_is_folded(chrome: Chrome, file: Path) -> None:
    """Light whatever the screen is, with every check and table unfolded."""
    opened = chrome.open(file, dark=True, media="print")
    opened.run("dispatchEvent(new Event('beforeprint'))")

    assert opened.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.run("document.querySelectorAll('details:not([open])').length") == 0
    assert opened.run("document.querySelector('#find').checkVisibility()") is False
    fill = "getComputedStyle(document.querySelector('svg rect.a')).fill"
    assert opened.run(fill) == "rgb(47, 111, 208)"


def test_strangers_run_nothing(chrome: Chrome, tmp_path: Path) -> None:
    """Their names and messages are text; a script that got in would not be run either."""
    opened = chrome.open(page(hostile(), tmp_path))

    visible = HOSTILE.replace("\x1b", "\\u001b").replace("\u202e", "\\u202e")
    assert opened.run("document.querySelector('.name').textContent") == f"{visible}fail"
    assert opened.run("[document.scripts.length, document.images.length]") == [1, 0]
    assert opened.complaints() == []

    opened.run("window.ran = 0; const added = document.createElement('script');"
               " added.textContent = 'window.ran = 1'; document.body.append(added)")  # fmt: skip
    assert opened.run("window.ran") == 0
    assert "Content Security Policy" in opened.complaints()[0]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_of_little(chrome: Chrome, tmp_path: Path, dark: bool) -> None:
    """A run without checks, and one that could not look at the cluster, are pages, too."""
    empty = chrome.open(page(report(()), tmp_path), width=320, dark=dark)
    assert "prod: nothing was checked" in empty.run("document.body.innerText")
    assert empty.complaints() == []

    unseen = chrome.open(page(report(live=blind()), tmp_path), width=320, dark=dark)
    assert unseen.run("document.querySelectorAll('.chart svg').length") == 0
    assert unseen.run("document.querySelectorAll('.chart .note').length") == 6


def test_large_clusters_stay_quick(chrome: Chrome, tmp_path: Path) -> None:
    """A search among the outcomes of 5,000 topics does not take as long as one that looks at all pairs."""
    opened = chrome.open(page(huge(), tmp_path))
    took: dict[str, float] = opened.run("""(async () => {
      const query = document.querySelector('#query'), took = {};
      for (const text of ['1', '12', 'nothing', 'check', ''].flatMap((x) => [x, 'y', x])) {
        const started = performance.now();
        query.value = text;
        query.dispatchEvent(new Event('input'));
        await new Promise((go) => requestAnimationFrame(go));
        document.body.offsetHeight;
        took[text] = Math.min(took[text] ?? Infinity, performance.now() - started);
      }
      return took;
    })()""")

    assert {text: ms for text, ms in took.items() if ms >= 3000} == {}
