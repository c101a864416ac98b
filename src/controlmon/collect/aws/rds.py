"""Amazon RDS: instances and clusters, with the DocumentDB and Neptune ones, which its API lists too."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Service
from controlmon.facts.aws.rds import Cluster, Instance

rds = Service("aws", "rds")

SECRETS = ("MasterUserPassword",)
"""A password that waits to be set, among the pending changes."""


@rds.lists(Instance, Operation("rds", "DescribeDBInstances", needs=("rds:DescribeDBInstances",), drops=SECRETS), gives=[Instance.settings])
def instances(ask: Ask) -> Iterator[Found]:
    """Every instance."""
    for item in ask.items("DBInstances"):
        yield Found(Instance, item["DBInstanceArn"], item["DBInstanceIdentifier"], answers={Instance.settings: item})


@rds.lists(Cluster, Operation("rds", "DescribeDBClusters", needs=("rds:DescribeDBClusters",), drops=SECRETS), gives=[Cluster.settings])
def clusters(ask: Ask) -> Iterator[Found]:
    """Every cluster of the account. Those that others share with it are theirs: they are not asked for."""
    for item in ask.items("DBClusters"):
        yield Found(Cluster, item["DBClusterArn"], item["DBClusterIdentifier"], answers={Cluster.settings: item})
