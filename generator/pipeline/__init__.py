"""From proved manifests to rendered/, and what need not be done again."""
