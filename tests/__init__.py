"""The tests mirror bot/ and sandbox/; stories and chaos walk through both."""
