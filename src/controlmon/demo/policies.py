"""Policies of AWS, as JSON."""

import json


def policy(action: str | tuple[str, ...], **rest: object) -> str:
    """One that allows something."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **rest}]})


def https_only(bucket: str) -> str:
    """Plain HTTP is refused, as most companies' policies do."""
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket, f"{bucket}/*"], "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [deny]})
