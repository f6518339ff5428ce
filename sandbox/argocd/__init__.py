"""Plays Argo CD: applications, their history, rollbacks with every real refusal, auto-sync."""

from sandbox.argocd.engine import start
from sandbox.argocd.routes import control, routes
from sandbox.argocd.state import ArgoState, state

__all__ = ["ArgoState", "control", "routes", "start", "state"]
