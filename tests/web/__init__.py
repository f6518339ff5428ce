"""The doors of the bot and what it shows of itself."""
