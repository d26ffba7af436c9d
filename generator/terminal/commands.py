"""Commands found by their files, each loaded when it is asked for."""

import importlib
import pkgutil

import click


class CommandFiles(click.Group):
    """A group whose commands are the modules of its package `commands`, each with a `command`."""

    @property
    def _package(self) -> str:
        callback = self.callback.__module__ if self.callback else __name__
        return f"{callback.rpartition('.')[0]}.commands"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the files, sorted."""
        found = importlib.import_module(self._package)
        files = {info.name for info in pkgutil.iter_modules(found.__path__)}
        return sorted(files | set(super().list_commands(ctx)))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a file's name; the others are not loaded."""
        if cmd_name not in self.commands and cmd_name in self.list_commands(ctx):
            module = importlib.import_module(f"{self._package}.{cmd_name}")
            self.add_command(module.command, cmd_name)
        return super().get_command(ctx, cmd_name)
