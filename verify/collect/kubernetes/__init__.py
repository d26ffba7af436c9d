"""What the API server says."""
