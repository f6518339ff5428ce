"""Kubernetes, and Helm on top of it, spoken to over its own REST API."""
