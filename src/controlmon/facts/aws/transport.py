"""What of S3 a policy refuses to requests in the clear."""

from collections.abc import Iterable

from controlmon.facts.aws.policy import Statement, covers

OF_OBJECTS = ("s3:getobject", "s3:getobjectversion", "s3:putobject", "s3:deleteobject", "s3:deleteobjectversion")
OF_BUCKETS = ("s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads")
"""The actions that move data, or names of it."""


def refuses_plain(statements: Iterable[Statement], bucket: str) -> bool | None:
    """Whether every data action on a bucket (its ARN) and its objects is denied to everybody who comes by plain HTTP.

    None if only a condition on s3:TlsVersion does so that is void where a request has no TLS version at all.
    """
    denies = [s for s in statements if not s.allow and "*" in s.principals.get("AWS", ())]
    sure = [s for s in denies if _plain(s) is True]
    if _all_denied(sure, bucket):
        return True
    return None if _all_denied([s for s in denies if _plain(s) is not False], bucket) else False


def _all_denied(denies: list[Statement], bucket: str) -> bool:
    # A name that no policy would spell stands for every object: only a wildcard covers it.
    wanted = [(action, f"{bucket}/~") for action in OF_OBJECTS] + [(action, bucket) for action in OF_BUCKETS]
    return all(any(_denies(s, action, resource) for s in denies) for action, resource in wanted)


def _denies(statement: Statement, action: str, resource: str) -> bool:
    if statement.not_resources:
        return False
    named = any(covers(one, action) for one in statement.actions)
    spared = not statement.not_actions or any(covers(one, action) for one in statement.not_actions)
    return (named or not spared) and any(covers(one, resource) for one in statement.resources)


def _plain(statement: Statement) -> bool | None:
    """Whether its conditions are true of every request in the clear; None if that hangs on S3 giving such a request a TLS version."""
    answers = [_one(operator.lower(), key.lower(), values) for operator, key, values in statement.conditions]
    return False if False in answers or len(answers) != 1 else answers[0]


def _one(operator: str, key: str, values: tuple[str, ...]) -> bool | None:
    plain = operator.removeprefix("forallvalues:").removeprefix("foranyvalue:")
    bare = plain.removesuffix("ifexists")
    if key == "aws:securetransport":
        return bare in ("bool", "stringequals", "stringequalsignorecase", "stringlike") and [v.lower() for v in values] == ["false"]
    if key == "s3:tlsversion" and bare == "numericlessthan":
        enough = any(_number(value) >= 1.2 for value in values)
        return (True if plain != bare else None) if enough else False
    return False


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0
