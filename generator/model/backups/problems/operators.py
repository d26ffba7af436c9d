"""What an engine cannot do of what `backups` asks for, so that nothing is silently left out."""

from collections.abc import Iterator

from generator.common.finding import Path, Problem
from generator.model.backups.backup_operator import SECTION, engine_of
from generator.model.backups.backups import SECTION as BACKUPS
from generator.model.backups.backups import backup, listener_of, with_defaults
from generator.model.backups.engines.engine import Asked
from generator.model.backups.problems.shared import above_limits, no_effect
from generator.model.environment import Environment


def problems(environment: Environment) -> Iterator[Problem]:
    """All that the engine would refuse, ignore or be unable to do."""
    asked = environment.data.get(SECTION, {})
    yield from above_limits(asked.get("resources", {}), (SECTION, "resources"))
    image = asked.get("values", {}).get("image")
    if isinstance(image, dict) and {"repository", "tag"} & image.keys():
        yield Problem((SECTION, "values", "image"), "here nobody sees whether its version is pinned",
                      "backup-operator", f"write {SECTION}.image: name:tag", on_key=True)  # fmt: skip
    for name, section in sorted(environment.data.get(BACKUPS, {}).items()):
        path: Path = (BACKUPS, name)
        engine = engine_of(environment, section)
        unread = dict(engine.unread)
        if "drill" in section:
            unread.pop(("image",), None)  # a drill runs the engine itself
        yield from no_effect(section, path, unread, engine.instead)
        made = backup(environment, name)
        yield from engine.problems(Asked(
            environment, path, section, with_defaults(section, engine), listener_of(environment, name),
            leaves_out=made is not None and any(run.exclude for run in made.runs),
        ))  # fmt: skip
