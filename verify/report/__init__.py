"""What was found, in the formats that people and their tools read."""
