"""Plays AWS: every call goes on to moto, whose account and the world's facts follow each other."""

from sandbox.cloud.following import start
from sandbox.cloud.numbers import control
from sandbox.cloud.proxy import routes
from sandbox.cloud.state import state

__all__ = ["control", "routes", "start", "state"]
