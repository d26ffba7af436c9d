"""RUNBOOK.md of an environment with backups."""
