"""Kafka and its node pools."""
