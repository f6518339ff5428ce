"""The world behind the vendors: what is deployed, how it behaves, what breaks and heals it."""
