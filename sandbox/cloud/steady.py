"""What CloudWatch shows of the parts of the platform that are never unwell in a scenario."""

from __future__ import annotations

STEADY = {
    ("AWS/RDS", "CPUUtilization"): 38.0,
    ("AWS/RDS", "FreeStorageSpace"): 61.0 * 2**30,
    ("AWS/ElastiCache", "EngineCPUUtilization"): 31.0,
    ("AWS/ElastiCache", "CurrConnections"): 2600.0,
    ("AWS/ES", "ClusterStatus.red"): 0.0,
    ("AWS/ES", "ClusterStatus.yellow"): 0.0,
    ("AWS/ES", "Shards.unassigned"): 0.0,
    ("AWS/ES", "Nodes"): 57.0,
    ("AWS/ES", "FreeStorageSpace"): 640.0 * 1024,
    ("AWS/ES", "CPUUtilization"): 27.0,
    ("AWS/S3", "AllRequests"): 54_000.0,
    ("AWS/S3", "5xxErrors"): 3.0,
    ("AWS/S3", "4xxErrors"): 420.0,
    ("AWS/ApplicationELB", "HealthyHostCount"): 4.0,
    ("AWS/ApplicationELB", "UnHealthyHostCount"): 0.0,
    ("AWS/CloudFront", "4xxErrorRate"): 1.2,
}
"""By the minute."""
