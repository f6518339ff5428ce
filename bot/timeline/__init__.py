"""The event store: facts, claims and the work owed, committed together."""
