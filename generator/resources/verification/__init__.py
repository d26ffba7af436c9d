"""The Job that verifies a cluster after each sync, what it may read, and what it is told."""
