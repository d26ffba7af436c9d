"""What the sets of backups hold."""
