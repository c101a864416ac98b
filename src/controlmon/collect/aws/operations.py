"""The operations that logging in asks, whatever is collected."""

from controlmon.collect.base import Operation

WHO = Operation("sts", "GetCallerIdentity", needs=())
ASSUME = Operation("sts", "AssumeRole", needs=("sts:AssumeRole",))
REGIONS = Operation("ec2", "DescribeRegions", needs=("ec2:DescribeRegions",))
STANDING = Operation("organizations", "DescribeAccount", needs=("organizations:DescribeAccount",))
ACCOUNTS = Operation("organizations", "ListAccounts", needs=("organizations:ListAccounts",))
"""Asked where the accounts are discovered."""
