"""Rules of topics and their settings."""
