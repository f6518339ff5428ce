"""Placeholder until the handlers are written."""

from bot.slack.handling import Book


def book() -> Book:
    return Book(())
