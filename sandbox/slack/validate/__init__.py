"""Slack's own rules about blocks, forms, names and metadata, as tables."""
