"""Plays Jira Cloud: issues with rich text, search by label, links, comments, transitions."""

from sandbox.jira.issues import routes
from sandbox.jira.state import JiraState, state

__all__ = ["JiraState", "routes", "state"]
