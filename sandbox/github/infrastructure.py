"""The repository with Terraform's code: how production's traffic, firewall and groups are written down."""

from __future__ import annotations

from datetime import timedelta

from sandbox.github.repository import Repository
from sandbox.github.services import ANA, BEN, START

INFRASTRUCTURE = "demo/infrastructure"
MAIN = "main"
TRAFFIC = "environments/production/load-balancer.tf"
FIREWALL = "environments/production/cloudfront.tf"
_ALL = 100
_SPLITS = {"forums": 10, "discovery": 10, "submission-queue": 90}
"""By service: the percent of its traffic that EKS gets, as it was written first."""
_RULE = """\
resource "aws_lb_listener_rule" "{name}" {{
  listener_arn = module.load_balancer.https
  action {{
    type = "forward"
    forward {{
      target_group {{
        arn    = aws_lb_target_group.{name}_ec2.arn
        weight = {ec2}
      }}
      target_group {{
        arn    = aws_lb_target_group.{name}_eks.arn
        weight = {eks}
      }}
    }}
  }}
}}
"""
_WALL = """\
resource "aws_wafv2_web_acl" "prod_web_acl" {
  name  = "prod-web-acl"
  scope = "CLOUDFRONT"
  rule {
    name     = "body-size"
    priority = 4
    action {
      count {}
    }
  }
}
"""


def infrastructure() -> Repository:
    """As it is in a fresh world: Discovery went from a tenth to the half of its traffic since."""
    made = Repository(name=INFRASTRUCTURE)
    files: dict[str, str | None] = {
        "README.md": "# Infrastructure\n\nTerraform, an environment a folder.\n",
        TRAFFIC: traffic(_SPLITS),
        FIREWALL: _WALL,
        "modules/networking/load-balancer/main.tf": 'resource "aws_lb" "this" {}\n',
    }
    began = START - timedelta(days=60)
    made.commit(MAIN, files, message="Import what was there", author=BEN, at=began)
    moved = traffic({**_SPLITS, "discovery": 50})
    message, at = "Discovery: half of the traffic to EKS", START - timedelta(days=2)
    made.commit(MAIN, {TRAFFIC: moved}, message=message, author=ANA, at=at)
    return made


def traffic(splits: dict[str, int]) -> str:
    """Percent of EKS by service."""
    rules = (
        _RULE.format(name=name.replace("-", "_"), ec2=_ALL - share, eks=share)
        for name, share in splits.items()
    )
    return "\n".join(rules)
