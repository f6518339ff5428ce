"""Plays one cluster's API, small: deployments that can be restarted and scaled, and who owns them."""

from sandbox.kubernetes.rollouts import start
from sandbox.kubernetes.routes import routes
from sandbox.kubernetes.state import state

__all__ = ["routes", "start", "state"]
