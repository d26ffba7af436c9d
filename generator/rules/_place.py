"""Where an effective value is said: by the topic, by the cluster for all topics, by a backup."""

from generator.common.finding import Path
from generator.model.backups.backups import SECTION, Backup
from generator.model.environment import below
from generator.rules.registry import Flaw
from generator.system.effective_settings import TopicSettings
from generator.system.system import System


def flaw_of(settings: TopicSettings, message: str, *keys: str) -> Flaw:
    """A flaw of what the topic says with one of the keys, or else of what the cluster says.

    Topics that inherit a value break a rule alike, so that theirs is one finding where it is said.
    """
    if not any(key in settings.config for key in keys):
        for key in keys:
            if broker_key := settings.origin(key).broker_key:
                path = ("spec", "kafka", "config", broker_key)
                return Flaw(path, message, on=settings.system.kafka)
    own = next((key for key in keys if key in settings.config), keys[0])
    return Flaw(_config(own), message)


def _config(key: str) -> Path:
    return ("spec", "config", key)


def said_at(system: System, backup: Backup, *paths: Path) -> Path:
    """The first of a backup's settings that somebody says; the backup itself when nobody says any."""
    environment = system.environment
    for path in paths if environment else ():
        if environment and below(environment.data[SECTION][backup.name], path):
            return (SECTION, backup.name, *path)
    return (SECTION, backup.name)
