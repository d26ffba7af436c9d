"""Upgrades of Strimzi and Kafka as a plan: the path, its steps, and the edits of each."""
