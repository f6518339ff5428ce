"""Which line of Terraform's code a change by hand means, and when none may be touched."""

import pytest

from bot.domain.written import File, Setting, edits

RULE = """\
# Traffic of discovery: weight = 50
resource "aws_lb_listener_rule" "discovery" {
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.discovery_ec2.arn
        weight = 50 # phase 3
      }
      target_group {
        arn    = aws_lb_target_group.discovery_eks.arn
        weight = 50
      }
    }
  }
}
"""
EC2 = Setting(attribute="weight", before="50", after="90", names=("discovery-ec2",))
EKS = Setting(attribute="weight", before="50", after="10", names=("discovery-eks",))
GROUP = """\
resource "aws_autoscaling_group" "forums" {
  name     = "prod-forums-asg"
  min_size = 4
  max_size = 40
}
"""
SIZE = Setting(attribute="min_size", before="4", after="6", names=("prod-forums-asg",))
WALL = """\
  rule {
    name     = "body-size"
    priority = 4
    action {
      block {}
    }
  }
  rule {
    name     = "bot-control"
    priority = 5
    override_action {
      none {}
    }
  }
"""
ACTION = Setting(
    attribute="action", before="block", after="count", names=("body-size",), nested=True
)


def file(text, path="environments/production/main.tf"):
    return File(path=path, text=text)


def changed(settings, *files):
    """What the one changed file says now, by the lines that differ."""
    made = edits(settings, files)
    assert made.why == ""
    (found,) = made.files
    before = next(each.text for each in files if each.path == found.path)
    pairs = zip(before.splitlines(), found.text.splitlines(), strict=True)
    return [after.strip() for was, after in pairs if was != after]


def why(settings, *files):
    made = edits(settings, files)
    assert made.files == ()
    return made.why


def test_each_value_is_changed_where_its_own_block_names_the_owner():
    assert changed([EC2, EKS], file(RULE)) == ["weight = 90 # phase 3", "weight = 10"]


def test_a_name_is_the_same_with_dashes_and_with_underscores():
    assert changed([EKS], file(RULE)) == ["weight = 10"]


def test_a_number_in_quotes_stays_in_quotes():
    quoted = RULE.replace("weight = 50 #", 'weight = "50" #')
    assert changed([EC2], file(quoted)) == ['weight = "90" # phase 3']


def test_a_value_of_a_resource_is_found_by_the_name_it_has_there():
    assert changed([SIZE], file("locals {}\n"), file(GROUP, "envs/production/asg.tf")) == [
        "min_size = 6"
    ]


def test_variables_of_a_file_that_is_named_for_the_owner_are_changed():
    named = file("min_size = 4\nmax_size = 40\n", "production/prod-forums-asg.tfvars")
    assert changed([SIZE], named) == ["min_size = 6"]


def test_a_rule_of_the_firewall_is_told_apart_from_its_neighbour():
    assert changed([ACTION], file(f'resource "aws_wafv2_web_acl" "web" {{\n{WALL}}}\n')) == [
        "count {}"
    ]


def test_what_nobody_names_is_not_touched():
    assert "no line was found that is certainly" in why(
        [SIZE], file('resource "aws_autoscaling_group" "notes" {\n  min_size = 4\n}\n')
    )


def test_what_is_a_reference_is_not_touched():
    assert "no line was found" in why([SIZE], file(GROUP.replace("= 4\n", "= var.size\n")))


def test_two_places_are_named_and_none_is_touched():
    told = why([SIZE], file(GROUP), file(GROUP, "envs/production/old.tf"))
    assert told.startswith("2 lines could be `min_size = 4` of prod-forums-asg")
    assert "environments/production/main.tf:3, envs/production/old.tf:3" in told


def test_a_block_with_two_such_values_says_neither():
    both = 'module "discovery-ec2" {\n  a {\n    weight = 50\n  }\n  b {\n    weight = 7\n  }\n}\n'
    assert "no line was found" in why([EC2], file(both))


def test_either_all_values_are_changed_or_none():
    assert "discovery-eks" in why([EC2, EKS], file(RULE.replace("weight = 50\n", "weight = 0\n")))


@pytest.mark.parametrize(
    "hidden",
    [
        "# min_size = 4",
        "// min_size = 4",
        "/*\n  min_size = 4\n*/",
        "user_data = <<-EOT\n  min_size = 4\n  EOT",
    ],
)
def test_what_is_no_code_does_not_count(hidden):
    text = GROUP.replace("  max_size", f"  {hidden}\n  max_size")
    assert changed([SIZE], file(text)) == ["min_size = 6"]


def test_braces_in_text_open_no_block():
    odd = GROUP.replace("prod-forums-asg", 'prod-forums-asg"\n  tag = "{ ${var.x["a"]} \\" {')
    assert changed([SIZE], file(odd)) == ["min_size = 6"]


def test_a_file_whose_braces_do_not_close_is_left_alone():
    assert "no line was found" in why([SIZE], file(f"{GROUP}locals {{\n"))


def test_what_is_written_down_already_is_said():
    made = edits([SIZE], [file(GROUP.replace("= 4\n", "= 6\n"))])
    assert (made.already, made.files) == (True, ())


def test_without_a_single_value_nothing_is_guessed():
    assert "not a single value" in why([], file(GROUP))
