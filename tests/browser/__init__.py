"""The whole incident in a browser: what a newcomer and a responder at 3 a.m. see and press."""
