"""The dashboard: the objectives, their budgets and the open incidents, for whoever has a browser."""
