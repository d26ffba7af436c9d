"""The objects of backups, drills, restores and offset resets, for the engine's own Jobs and for operators."""
