"""Manifests held against schemas, the CRDs' own rules, and each other: what the API server would refuse."""
