"""What changes of backups, restores and offset resets do."""
