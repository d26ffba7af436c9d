"""Alerts and dashboards of an environment."""
