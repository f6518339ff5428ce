"""The groups of machines that the tests change: an Auto Scaling group and an EKS node group in moto."""

from bot.domain.catalog import (
    Catalog,
    Deployment,
    Driver,
    Environment,
    Resource,
    Service,
    TerraformModule,
)

FORUMS = Deployment(
    service="legacy-forums", environment="production", driver=Driver.ASG, asg="prod-forums-asg"
)
CATALOG = Catalog(
    environments=(
        Environment(name="production", production=True, region="us-east-1", cluster="prod-eks-1"),
    ),
    services=(
        Service(name="legacy-forums", deployments=(FORUMS,), terraform_module="auto-scaling"),
    ),
    resources=(
        Resource(
            name="nodegroup-general",
            kind="nodegroup",
            environments=("production",),
            identifiers=(("production", "prod-eks-1-general"),),
        ),
    ),
    modules=(
        TerraformModule(name="auto-scaling", area="c", path="m", environments=("production",)),
    ),
)


class Group:
    """Four machines on version 2 of three; each version has an image of its own."""

    def __init__(self, aws):
        self.ec2, self.scaling = aws.client("ec2"), aws.client("autoscaling")
        machine = self.ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
        of = machine["Instances"][0]["InstanceId"]
        self.images = [
            self.ec2.create_image(InstanceId=of, Name=f"forums-{n}")["ImageId"] for n in range(3)
        ]
        self.template = self.ec2.create_launch_template(
            LaunchTemplateName="forums",
            LaunchTemplateData={"ImageId": self.images[0], "InstanceType": "m5.large"},
        )["LaunchTemplate"]["LaunchTemplateId"]
        for image in self.images[1:]:
            self.ec2.create_launch_template_version(
                LaunchTemplateId=self.template,
                LaunchTemplateData={"ImageId": image, "InstanceType": "m5.large"},
            )
        self.scaling.create_auto_scaling_group(
            AutoScalingGroupName=FORUMS.asg,
            MinSize=2,
            MaxSize=8,
            DesiredCapacity=4,
            AvailabilityZones=["us-east-1a"],
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": "2"},
        )

    def set(self, version):
        self.scaling.update_auto_scaling_group(
            AutoScalingGroupName=FORUMS.asg,
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": version},
        )

    def version(self):
        found = self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[FORUMS.asg])
        return found["AutoScalingGroups"][0]["LaunchTemplate"]["Version"]

    def refresh(self, version=None):
        wanted = {"LaunchTemplate": {"LaunchTemplateId": self.template, "Version": version}}
        more = {"DesiredConfiguration": wanted} if version else {}
        made = self.scaling.start_instance_refresh(AutoScalingGroupName=FORUMS.asg, **more)
        return made["InstanceRefreshId"]

    def refreshes(self):
        found = self.scaling.describe_instance_refreshes(AutoScalingGroupName=FORUMS.asg)
        return [each["Status"] for each in found["InstanceRefreshes"]]


class NodeGroup:
    """Three nodes of two to six."""

    def __init__(self, aws, **tags):
        self.eks = aws.client("eks")
        role = "arn:aws:iam::123456789012:role/eks"
        self.eks.create_cluster(
            name="prod-eks-1", roleArn=role, resourcesVpcConfig={"subnetIds": ["subnet-1"]}
        )
        self.eks.create_nodegroup(
            clusterName="prod-eks-1",
            nodegroupName="prod-eks-1-general",
            subnets=["subnet-1"],
            nodeRole=role,
            scalingConfig={"minSize": 2, "maxSize": 6, "desiredSize": 3},
            tags=tags,
        )

    def size(self):
        shown = self.eks.describe_nodegroup(
            clusterName="prod-eks-1", nodegroupName="prod-eks-1-general"
        )["nodegroup"]["scalingConfig"]
        return shown["minSize"], shown["desiredSize"], shown["maxSize"]
