"""The simulated cloud."""

from tests.cloud import aws, aws_process

__all__ = ["aws", "aws_process"]
