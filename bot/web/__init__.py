"""Everything that comes in by HTTP, and what the bot says of itself."""
