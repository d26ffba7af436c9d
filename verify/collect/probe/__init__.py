"""What is tried: records of our own, on topics of our own."""
