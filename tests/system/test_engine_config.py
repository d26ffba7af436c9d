"""The backup engine's config is read as the engine reads it, however it is written."""

import pytest

from generator.system.engine_config import engine_config, said_in

BLOCK = """
mode: restore
backup_id: "daily"  # the newest
storage:
  backend: s3
restore:
  purge_topics: true
"""
FLOW = '{mode: restore, backup_id: daily, storage: {backend: s3}, restore: {"purge_topics": true}}'


def test_style_means_nothing() -> None:
    """Quotes, comments, and whether it stands in lines or in braces."""
    assert engine_config(BLOCK) == engine_config(FLOW)
    assert said_in(engine_config(FLOW), "restore", "purge_topics") is True


@pytest.mark.parametrize(
    "text", ["storage: {account_key: ${KEY}}", "storage:\n  account_key: ${KEY}\n"]
)
def test_variables_stand_anywhere(text: str) -> None:
    """The engine fills them in before it reads YAML, so that their braces are none of YAML's."""
    assert engine_config(text) == {"storage": {"account_key": "$KEY"}}


@pytest.mark.parametrize(
    "text", ["#!/bin/sh\nset -e: [", "a: 1\na: 2", "- a\n- b", "just words", "", "a: [1"]
)
def test_what_the_engine_refuses_says_nothing(text: str) -> None:
    """Scripts beside it, and what is no mapping."""
    assert engine_config(text) == {}


def test_what_is_not_there_is_none() -> None:
    """Neither a missing key, nor one below a plain value."""
    config = engine_config("a: {b: 1}")

    assert [said_in(config, *keys) for keys in (("a", "b"), ("a", "c"), ("a", "b", "c"), ("d",))] == [
        1, None, None, None,
    ]  # fmt: skip
