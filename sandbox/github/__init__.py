"""Plays GitHub: the platform repository, its issues and pull requests."""

from sandbox.github.routes import control, routes
from sandbox.github.state import GitHubState, state

__all__ = ["GitHubState", "control", "routes", "state"]
