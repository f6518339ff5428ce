"""Pure: an incident in, blocks out."""
