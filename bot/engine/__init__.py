"""Carries out what the timeline says is owed."""
