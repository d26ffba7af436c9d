"""Strimzi: the releases that this program knows, and what changed from one to another."""
