"""What rules say that Strimzi's operators do, seen on their own examples.

`rules.yaml` has for each rule what comes back; a rule that tells of an operator and is not in it is told.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from live.kubernetes_server import Refused
from live.node import ServerError
from operators.examples import Rooms, label
from operators.listening import has_come, instead
from operators.said import Said, rows
from operators.site import Strimzi, conditions, is_ready
from rules.cases import documents

from generator.rules.registry import Broker, Rule, all_rules

_TELLS = re.compile(r"\bNotReady\b|\bReady=False\b|\b[Oo]perators?\b|\bStrimzi\b")
_ROWS = rows()
_FAILING = [
    (rule, number) for rule, row in _ROWS.items() for number in range(1, 1 + len(row.failing))
]
_TRIED = [rule for rule, row in _ROWS.items() if row.failing]
_SOON_S = 40


@pytest.fixture(scope="module")
def rooms(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """Where examples are applied."""
    with Rooms(strimzi, tmp_path_factory.mktemp("examples")) as made:
        yield made


def _tells(rule: Rule) -> bool:
    """Whether a rule says what an operator does, or what it is told by a broker."""
    return rule.broker is Broker.REJECTS or bool(
        _TELLS.search(f"{rule.doc.healthy} {rule.doc.why}")
    )


def test_every_rule_that_tells_of_an_operator_is_in_the_table() -> None:
    """With a row for each of its failing examples."""
    every = all_rules()
    telling = {name for name, rule in every.items() if _tells(rule)}

    assert telling - _ROWS.keys() == set()
    assert _ROWS.keys() - every.keys() == set()
    assert [each for each in _TRIED if len(_ROWS[each].failing) != len(documents(each)) - 1] == []


@pytest.mark.parametrize("rule", _TRIED)
def test_operators_words_stand_on_the_page(rule: str) -> None:
    """Who sees them finds the rule by them."""
    quoted = {each for said in _ROWS[rule].failing for each in said.quoted}
    page = f"{all_rules()[rule].doc.why} {all_rules()[rule].doc.source}"

    assert not quoted or any(each in page for each in quoted), quoted


@pytest.mark.live
@pytest.mark.operators
@pytest.mark.lot
@pytest.mark.parametrize(("rule", "number"), _FAILING)
def test_operator_says_it(strimzi: Strimzi, rooms: Rooms, rule: str, number: int) -> None:
    """What comes back to a failing example is what the table has."""
    said = _ROWS[rule].failing[number - 1]
    since = strimzi.operator.position()
    if said.refused:
        with pytest.raises(Refused) as refused, rooms.hollow(rule, number):
            pass
        assert all(each in str(refused.value) for each in said.refused), refused.value
        return
    if said.is_of_a_check or _ROWS[rule].over:
        room = rooms.over if _ROWS[rule].over else rooms.hollow
        with room(rule, number) as namespace:
            _until_said(strimzi, said, namespace, since)
        return
    with rooms.real(rule, number) as (namespace, bodies):
        left_alone = {each.partition("@")[0] for each in said.untold}
        strimzi.until_all_told([each for each in bodies if label(each) not in left_alone])
        _until_said(strimzi, said, namespace, since)


def _until_said(strimzi: Strimzi, said: Said, namespace: str, since: int) -> None:
    with suppress(ServerError):
        strimzi.until(lambda: has_come(said, strimzi, namespace, since), "word", _SOON_S)
    assert has_come(said, strimzi, namespace, since), instead(said, strimzi, namespace, since)


@pytest.mark.live
@pytest.mark.operators
@pytest.mark.lot
@pytest.mark.parametrize("rule", [rule for rule in _TRIED if not _ROWS[rule].passes])
def test_what_passes_becomes_ready(strimzi: Strimzi, rooms: Rooms, rule: str) -> None:
    """All of a passing example is taken as it is."""
    with rooms.real(rule, 0) as (_, bodies):
        strimzi.until_all_told(bodies)

        now = [strimzi.read(each) for each in bodies if each["kind"] != "KafkaNodePool"]
        assert {label(each): conditions(each) for each in now if not is_ready(each)} == {}
