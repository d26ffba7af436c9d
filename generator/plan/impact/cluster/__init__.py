"""What changes of Kafka and its node pools do."""
