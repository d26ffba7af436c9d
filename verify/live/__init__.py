"""What is: all that was collected of a live cluster, as plain data."""
