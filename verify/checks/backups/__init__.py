"""Checks of backups: the sets themselves, their jobs, and what they hold of what Git asks for."""

GROUP = "backup"
