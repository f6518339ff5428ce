"""The browser face of the demo world, so that a person can live through an incident on screens."""

from sandbox.ui.routes import routes

__all__ = ["routes"]
