"""The types of sections are those of the schema."""

from generator.intent import sections
from generator.intent.make_sections import FILE
from generator.intent.make_sections import sections as made


def test_types_are_those_of_the_schema() -> None:
    """Who changes the schema makes them anew: python -m generator.intent.make_sections."""
    assert FILE.read_text(encoding="utf-8") == made()


def test_names_that_are_no_python_are_there_too() -> None:
    """`class` is a key of volumes."""
    assert "class" in sections.VolumeSection.__annotations__
    assert sections.Intent.__annotations__["backups"] is not None
