"""Rules of Kafka, its node pools, listeners, settings and versions."""
