"""Live clusters against what Git says: collect first, judge afterwards."""
