"""The way into an EKS cluster without any program: address, certificate and token by our role."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.domain.errors import VendorDown, VendorRejected
from bot.integrations.aws.eks import Eks


@pytest.fixture
def cluster(aws, account):
    aws.client("eks").create_cluster(
        name="prod-eks-1",
        roleArn="arn:aws:iam::123456789012:role/eks",
        resourcesVpcConfig={"subnetIds": ["subnet-1"]},
    )
    return Eks(account, "prod-eks-1")


def signed(token):
    assert token.startswith("k8s-aws-v1.")
    text = token.removeprefix("k8s-aws-v1.")
    return urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())


def test_eks_says_where_the_cluster_is_and_whom_to_trust(cluster):
    where = cluster.address()
    assert where.url.startswith("https://")
    assert where.authority


def test_the_token_is_a_question_to_sts_signed_for_this_cluster_alone(cluster):
    question = signed(cluster.token())
    asked = parse_qs(question.query)
    assert question.hostname == "sts.us-east-1.amazonaws.com"
    assert asked["Action"] == ["GetCallerIdentity"]
    assert asked["X-Amz-SignedHeaders"] == ["host;x-k8s-aws-id"]
    assert asked["X-Amz-Expires"] == ["60"]


def test_the_token_is_signed_with_the_keys_of_the_role(aws, cluster):
    asked = parse_qs(signed(cluster.token()).query)
    assumed = aws.calls("AssumeRole")
    assert len(assumed) == 1
    assert asked["X-Amz-Security-Token"]


def test_a_token_is_kept_for_a_while(aws, cluster):
    assert cluster.token() == cluster.token()
    assert len(aws.calls("AssumeRole")) == 1


def test_a_cluster_that_is_not_there_is_named(account):
    with pytest.raises(VendorRejected, match="other-eks"):
        Eks(account, "other-eks").address()


def test_a_role_that_cannot_be_assumed_now_may_be_later(aws, cluster):
    aws.fault("AssumeRole", "5xx", times=1)
    with pytest.raises(VendorDown):
        cluster.token()
    assert cluster.token()


def test_a_further_cluster_is_asked_for_in_its_own_region(aws, account):
    aws.client("eks", region="eu-west-1").create_cluster(
        name="prod-eks-2",
        roleArn="arn:aws:iam::123456789012:role/eks",
        resourcesVpcConfig={"subnetIds": ["subnet-1"]},
    )
    there = Eks(account, "prod-eks-2", region="eu-west-1")
    assert there.address().url.startswith("https://")
    assert signed(there.token()).hostname == "sts.eu-west-1.amazonaws.com"
    with pytest.raises(VendorRejected, match="prod-eks-2"):
        Eks(account, "prod-eks-2").address()
