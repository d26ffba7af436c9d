"""What brokers say."""
