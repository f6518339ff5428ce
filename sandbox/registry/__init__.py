"""Plays an image registry: manifests by tag and digest, tokens, and the refusals of a real one."""

from sandbox.registry.routes import control, routes
from sandbox.registry.state import RegistryState, state

__all__ = ["RegistryState", "control", "routes", "state"]
