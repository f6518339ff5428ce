"""Tocsin: the on-call bot that undoes the bad change and proves it worked."""

__version__ = "0.1.0"
