"""Small stand-ins for the roles in bot/tools.py, for tests that need no wire."""
