"""Rules of backups, drills, restores, offset resets and their operators."""
