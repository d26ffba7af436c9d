"""What is wrong with backups, their drills, restores and resets of offsets, as the intent says them."""
