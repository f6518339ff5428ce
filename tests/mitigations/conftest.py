"""The demo world over real HTTP, for every vendor's tests."""

from tests.sandbox.conftest import demo, receiver, start

__all__ = ["demo", "receiver", "start"]
