"""Everything Slack, and nothing decided here."""
