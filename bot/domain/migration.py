"""The stages of a service's way from EC2 to EKS."""

from __future__ import annotations

from enum import StrEnum


class MigrationStage(StrEnum):
    """How far a service has come on the way from EC2 to EKS, in order."""

    EC2_ONLY = "ec2-only"
    CONTAINERISED = "containerised"
    CHART_READY = "chart-ready"
    PARALLEL_TESTING = "parallel-testing"
    TRAFFIC_10 = "traffic-10"
    TRAFFIC_50 = "traffic-50"
    TRAFFIC_90 = "traffic-90"
    EKS_100 = "eks-100"
    DECOMMISSIONED = "decommissioned"

    @property
    def eks_share(self) -> int:
        """Percent of real users on EKS; mirrored traffic in parallel testing counts as none."""
        match self:
            case MigrationStage.TRAFFIC_10:
                return 10
            case MigrationStage.TRAFFIC_50:
                return 50
            case MigrationStage.TRAFFIC_90:
                return 90
            case MigrationStage.EKS_100 | MigrationStage.DECOMMISSIONED:
                return 100
            case _:
                return 0

    @property
    def previous(self) -> MigrationStage | None:
        """One traffic phase back, or None where no traffic can be shifted back."""
        order = list(MigrationStage)
        if self.eks_share == 0 or self is MigrationStage.DECOMMISSIONED:
            return None
        return order[order.index(self) - 1]
