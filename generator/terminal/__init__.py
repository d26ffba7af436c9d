"""How a person or a pipeline is told: tables, shared options, reports of findings."""
