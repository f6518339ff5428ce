"""Finds wording that blames people, so that a review talks about conditions instead."""

from __future__ import annotations

from bot.domain.blameless.findings import Category, Finding, Severity
from bot.domain.blameless.linter import lint

__all__ = ["Category", "Finding", "Severity", "lint"]
