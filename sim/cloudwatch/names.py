"""What the world's measures are called in CloudWatch (Elastic Load Balancing User Guides, CloudWatch metrics)."""

from __future__ import annotations

from collections.abc import Mapping

from sim.cloudwatch.measures import LATENCY, SURGE

APPLICATION, CLASSIC = "AWS/ApplicationELB", "AWS/ELB"

MEASURES: Mapping[tuple[str, str], str] = {
    (APPLICATION, "RequestCount"): "requests",
    (APPLICATION, "HTTPCode_Target_5XX_Count"): "target_5xx",
    (APPLICATION, "HTTPCode_ELB_5XX_Count"): "elb_5xx",
    (APPLICATION, "HTTPCode_ELB_502_Count"): "elb_502",
    (APPLICATION, "HTTPCode_ELB_503_Count"): "elb_503",
    (APPLICATION, "HTTPCode_ELB_504_Count"): "elb_504",
    (APPLICATION, "TargetResponseTime"): LATENCY,
    (APPLICATION, "HealthyHostCount"): "healthy_hosts",
    (APPLICATION, "UnHealthyHostCount"): "unhealthy_hosts",
    (CLASSIC, "RequestCount"): "requests",
    (CLASSIC, "HTTPCode_Backend_5XX"): "target_5xx",
    (CLASSIC, "HTTPCode_ELB_5XX"): "elb_5xx",
    (CLASSIC, "SpilloverCount"): "spilled",
    (CLASSIC, "SurgeQueueLength"): SURGE,
    (CLASSIC, "Latency"): LATENCY,
    (CLASSIC, "HealthyHostCount"): "healthy_hosts",
    (CLASSIC, "UnHealthyHostCount"): "unhealthy_hosts",
}
