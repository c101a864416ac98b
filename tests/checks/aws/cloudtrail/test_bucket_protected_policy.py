"""aws.cloudtrail.bucket_protected: a policy of another account in the place of a lock."""

from typing import Any

import pytest

from controlmon.facts.aws.s3 import Bucket
from tests.checks.aws.cloudtrail.test_bucket_protected import ARN, LOGS, NO_LOCK, assert_said, judged, lifecycle, policy
from tests.support import DENIED

ONLY_HTTPS = {"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
BUT_ADMIN = {"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::999999999999:role/break-glass"}}}


@pytest.mark.parametrize(
    ("statements", "outcome", "because"),
    [
        pytest.param([{}], "pass", "another account, denies deletion to everybody", id="both actions, all objects, everybody"),
        pytest.param([{"Principal": {"AWS": "*"}}], "pass", "", id="everybody, the long way"),
        pytest.param([{"Action": "s3:Delete*"}], "pass", "", id="by a wildcard"),
        pytest.param([{"Action": "*"}], "pass", "", id="by all actions"),
        pytest.param(
            [{"Action": "s3:DeleteObject"}, {"Action": "S3:DELETEOBJECTVERSION"}], "pass", "", id="in two statements, in any case"
        ),
        pytest.param([{"Action": "s3:DeleteObject"}], "fail", "no policy of another account", id="versions may be deleted"),
        pytest.param([{"Action": "s3:DeleteObjectVersion"}], "fail", "no policy", id="objects may be deleted"),
        pytest.param([{"Action": "s3:DeleteBucket"}], "fail", "no policy", id="another action"),
        pytest.param([{"Effect": "Allow"}], "fail", "no policy", id="allowed is not denied"),
        pytest.param([{"Principal": {"AWS": "arn:aws:iam::999999999999:role/x"}}], "fail", "no policy", id="denied to one"),
        pytest.param([{"Principal": {"Service": "cloudtrail.amazonaws.com"}}], "fail", "no policy", id="denied to a service"),
        pytest.param([{"Resource": ARN}], "fail", "no policy", id="on the bucket, not on its objects"),
        pytest.param([{"Resource": f"{ARN}/other/*"}], "fail", "no policy", id="on other objects"),
        pytest.param([{"Resource": f"{ARN}/{LOGS}/us-east-1/*"}], "fail", "no policy", id="on the logs of one region"),
        pytest.param([{"Resource": f"{ARN}/{LOGS}/*"}], "fail", "no policy", id="on logs, but not on their digests"),
        pytest.param([{"Resource": f"{ARN}/AWSLogs/*"}], "pass", "", id="on all logs"),
        pytest.param([{"Resource": "*"}], "pass", "", id="on everything"),
        pytest.param([{"Resource": "arn:aws:s3:::log?/*"}], "pass", "", id="by a question mark"),
        pytest.param([ONLY_HTTPS], "fail", "no policy", id="the usual TLS rule denies nobody who uses TLS"),
        pytest.param(
            [{"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}], "fail", "no policy", id="denied to strangers only"
        ),
        pytest.param([BUT_ADMIN], "unknown", "denies deletion to all but some", id="all but a role"),
        pytest.param([BUT_ADMIN, {}], "pass", "to everybody", id="all but a role, and then all"),
        pytest.param(
            [{"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::999999999999:root"}}], "unknown", "all but some", id="all but one"
        ),
        pytest.param([{"Action": None, "NotAction": "s3:Get*"}], "unknown", "all but some", id="all actions but some"),
        pytest.param([{"Resource": None, "NotResource": f"{ARN}/x/*"}], "unknown", "all but some", id="all objects but some"),
        pytest.param([{"Effect": "Deni"}], "unknown", "shape", id="an effect that nobody knows"),
    ],
)
def test_policy_of_another_account(statements: list[dict[str, Any]], outcome: str, because: str) -> None:
    assert_said(judged(lock=NO_LOCK, policy=policy(*statements)), outcome, because)


def test_a_policy_of_our_own_account_protects_nothing() -> None:
    """Whoever may delete may change the policy first."""
    assert_said(judged(ours=True, lock=NO_LOCK, policy=policy({})), "fail", "nothing is locked")
    assert_said(judged(ours=True, lock=NO_LOCK, policy=policy(BUT_ADMIN)), "fail", "nothing is locked")
    assert_said(judged(gaps={Bucket: DENIED}, lock=NO_LOCK, policy=policy({})), "unknown", "grant")
    assert_said(judged(gaps={Bucket: DENIED}, lock=NO_LOCK), "fail", "nothing is locked")
    assert_said(judged(lock=DENIED, policy=policy({})), "pass", "denies deletion")
    assert_said(judged(lock=NO_LOCK, policy={"Policy": "{"}), "unknown", "shape")


def test_old_versions_that_only_a_policy_protects_may_expire_too_early() -> None:
    """No policy stops the lifecycle, and whoever may write may make a version an old one."""
    rule = {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
    assert_said(judged(lock=NO_LOCK, policy=policy({}), expiries=lifecycle(rule)), "fail", "removes old versions after 30 days")
    longer = {"NoncurrentVersionExpiration": {"NoncurrentDays": 365}}
    assert_said(judged(lock=NO_LOCK, policy=policy({}), expiries=lifecycle(longer)), "pass", "")
