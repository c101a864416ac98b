"""Whose a bucket or a canonical user of S3 is, and what crosses environments through them."""

from collections.abc import Iterable

from controlmon.facts.aws.environments import Estate
from controlmon.facts.aws.s3 import Bucket, Replica
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import Crossing
from controlmon.facts.environment import Environment, crosses

LOG_DELIVERY = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"
"""The canonical user of AWS's own log delivery."""


def replicated(bucket: Bucket, buckets: All[Bucket], own: Environment, estate: Estate) -> Crossing:
    """Where a bucket is replicated to that crosses; for production, a bucket of nobody's that is known crosses too."""
    crossed: list[str] = []
    unsure = ""
    for replica in bucket.replicas:
        try:
            whose, there = _owner(replica, buckets, estate)
        except Unseen as error:
            unsure = unsure or f"whose {replica.bucket} is cannot be told: {error}"
            continue
        crossing = crosses(own, there)
        if crossing or (own.cls == "prod" and there.cls is None):
            crossed.append(f"{replica.bucket} {whose} ({there.name or there.why})")
        elif crossing is None:
            unsure = (
                unsure or f"whether its replication to {replica.bucket} {whose} crosses is not known: {there.why if own.cls else own.why}"
            )
    return Crossing(crossed=tuple(crossed), unsure=unsure)


def _owner(replica: Replica, buckets: All[Bucket], estate: Estate) -> tuple[str, Environment]:
    account = replica.account
    if not account:
        found = buckets.first(lambda bucket: bucket.name == replica.bucket)
        if found is None:
            return "of an unknown account", Environment(why="it is none of the buckets that were seen, and the rule names no account")
        account = found.target
    return f"of account {account}", estate.of(account)


def canonical_crossing(bucket: Bucket, buckets: All[Bucket], own: Environment, estate: Estate, known: Iterable[str]) -> Crossing:
    """The canonical users that a bucket lets in who are of the other class, or of no account that is known."""
    crossed: list[str] = []
    unsure = ""
    trusted = {bucket.acl.owner, *known}
    named = [user for one in bucket.policy if one.allow for user in one.principals.get("CanonicalUser", ())]
    for user in dict.fromkeys((*bucket.acl.grantees, *named)):
        if user in trusted:
            continue
        try:
            found = buckets.first(lambda other, user=user: other.acl.owner == user)  # type: ignore[misc]
            there = estate.of(found.target) if found is not None else None
        except Unseen as error:
            unsure = unsure or f"whose the canonical user {user} is cannot be told: {error}"
            continue
        crossing = True if there is None else crosses(own, there)
        if crossing:
            crossed.append(f"the canonical user {user} ({there.name if there else 'of an unknown account'})")
        elif crossing is None:
            unsure = unsure or f"whether the canonical user {user} crosses is not known: {there.why if there and own.cls else own.why}"
    return Crossing(crossed=tuple(crossed), unsure=unsure)
