"""Backups, drills, restores, offset resets, and the operators that may carry them out."""
