"""Plays Atlassian Statuspage: incidents, components, subscribers, one request a second."""

from sandbox.statuspage.pages import routes
from sandbox.statuspage.state import StatuspageState, state

__all__ = ["StatuspageState", "routes", "state"]
