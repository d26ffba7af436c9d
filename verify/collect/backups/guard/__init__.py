"""What the two steps around the engine of a backup know and keep; nobody else writes to where backups are kept."""
