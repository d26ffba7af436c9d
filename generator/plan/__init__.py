"""What a change does to running clusters, and what may not happen unless somebody answers for it."""
