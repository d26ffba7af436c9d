"""Saved Secrets are compared with those that are there; no byte of them is shown."""

import io
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from checks.kafka_answers import git
from kubernetes_fake import Fake

from verify.cli.main import run

NAMES = ["events-cluster-ca", "events-cluster-ca-cert", "events-clients-ca", "events-clients-ca-cert"]  # fmt: skip


def secret(name: str, value: str = "very secret") -> dict[str, Any]:
    """A Secret with one key."""
    return {
        "kind": "Secret",
        "metadata": {"name": name},
        "data": {"ca.key": b64encode(value.encode()).decode()},
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that renders a cluster."""
    folder = tmp_path / "rendered/dev"
    folder.mkdir(parents=True)
    for body in git().objects:
        (folder / f"{body['kind']}-{body['metadata']['name']}.yaml").write_text(json.dumps(body))
    return tmp_path


def _asked(
    root: Path, capsys: pytest.CaptureFixture[str], live: list[Any], saved: object
) -> tuple[int, str, str]:
    file = root / "saved.json"
    file.write_text(saved if isinstance(saved, str) else json.dumps(saved))
    with Fake() as server:
        server.lists["/api/v1/namespaces/kafka-dev/secrets"] = live
        code = run(["--root", str(root), "saved", "dev", str(file), "--kubeconfig", server.kubeconfig(root),
                    "--namespace", "kafka-dev"])  # fmt: skip
    out, err = capsys.readouterr()
    return code, out, err


def test_saved_as_they_are(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list as kubectl prints it."""
    every = [secret(name) for name in NAMES]

    assert _asked(root, capsys, [*every, secret("other")], {"kind": "List", "items": every}) == (
        0, "dev: 4 of 4 Secrets are saved as they are (exit 0)\n", "",
    )  # fmt: skip


def test_what_is_wrong_is_told_by_name(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not saved, changed since, gone, nowhere; and never what is in it."""
    live = [secret(NAMES[0], "renewed"), secret(NAMES[1])]
    saved = {"kind": "List", "items": [secret(NAMES[0]), secret("gone")]}
    code, out, err = _asked(root, capsys, live, saved)

    assert (code, err) == (7, "")
    assert out == (
        "FAIL  events-clients-ca is nowhere\n"
        "FAIL  events-clients-ca-cert is nowhere\n"
        "FAIL  events-cluster-ca has changed since it was saved: ca.key\n"
        "FAIL  events-cluster-ca-cert is not saved\n"
        "FAIL  gone is saved, and is not there any more\n"
        "dev: 0 of 5 Secrets are saved as they are (exit 7)\n"
    )


def test_what_could_not_be_put_back_is_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of another namespace, or without what Strimzi knows its own by; names are told on one line."""
    every = [secret(name) for name in NAMES]
    marked = secret(NAMES[0])
    marked["metadata"] |= {
        "labels": {"strimzi.io/kind": "Kafka", "a": "b"},
        "annotations": {"strimzi.io/ca-key-generation": "1"},
    }
    moved = secret(NAMES[1])
    moved["metadata"]["namespace"] = "elsewhere"
    typed = {**secret(NAMES[2]), "type": "kubernetes.io/tls"}
    saved = {"items": [every[0], moved, typed, every[3], secret("x\\nFAIL  y")]}
    _, out, _ = _asked(root, capsys, [marked, *every[1:]], saved)

    assert (
        f"FAIL  {NAMES[0]} has changed since it was saved: annotations strimzi.io/ca-key-generation, labels strimzi.io/kind\n"
        in out
    )
    assert f"FAIL  {NAMES[1]} is saved of the namespace elsewhere\n" in out
    assert f"FAIL  {NAMES[2]} has changed since it was saved: type\n" in out
    assert "dev: 1 of 5 Secrets" in out
    assert len(out.splitlines()) == 5


@pytest.mark.parametrize(
    "saved",
    ["", "a: b", "[]", "{}", '{"items": 3}', '{"items": [{"kind": "Pod"}]}', '{"kind": "Secret", "metadata": 3}',
     '{"kind": "Secret", "metadata": {"name": "a"}, "data": [1]}', "very secret"],
)  # fmt: skip
def test_what_is_no_secret_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str], saved: str
) -> None:
    """With what to give instead, and without a word of it."""
    code, out, err = _asked(root, capsys, [], saved)

    assert (code, out) == (1, "")
    assert "kubectl get secret -o json" in err
    assert "very secret" not in err


def test_from_the_standard_input(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that nothing lies on a disk; nobody who answers is no verdict."""
    told = io.TextIOWrapper(io.BytesIO(json.dumps(secret(NAMES[0])).encode()))
    monkeypatch.setattr("sys.stdin", told)
    with Fake() as server:
        config = server.kubeconfig(root)
    code = run(["--root", str(root), "saved", "dev", "-", "--kubeconfig", config])
    out, err = capsys.readouterr()

    assert (code, out) == (2, "")
    assert "cannot be reached" in err
