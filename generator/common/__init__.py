"""Words that everybody uses, and that belong to nobody else."""
