"""What every check file promises: examples that hold, a door that is kept, words for people."""

import ast
from pathlib import Path

import pytest

from controlmon.check import Check, Example
from controlmon.core.outcome import Outcome
from controlmon.service.checks import check_directories, load_checks, packaged_checks
from tests.support import NOW

CHECKS = list(load_checks(check_directories()))
MAY_IMPORT = {"collections.abc", "datetime", "fnmatch", "ipaddress", "re", "typing"}


def outcome(check: Check, example: Example) -> Outcome:
    arguments = list(example.arguments)
    if check.takes_now:
        arguments.insert(1 + check.now_at, NOW)
    return check.judge(*arguments, **check.tuned(example.parameters)).outcome


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_good_examples_pass_and_bad_ones_fail(check: Check) -> None:
    """An example is documentation that cannot go stale."""
    assert check.passes
    assert check.fails
    assert [outcome(check, e) for e in check.passes] == [Outcome.PASS] * len(check.passes)
    assert [outcome(check, e) for e in check.fails] == [Outcome.FAIL] * len(check.fails)


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_it_says_what_people_need(check: Check) -> None:
    """A title that is a sentence, what to do about a failure, what a pass proves, and why the obvious question is not enough."""
    assert check.title[0].isupper()
    assert not check.title.endswith(".")
    assert min(len(check.remediation), len(check.proves)) > 20
    assert len(check.doc.splitlines()) >= 3
    assert check.path.endswith(check.id.replace(".", "/") + ".py")


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_it_imports_the_door_the_facts_and_little_else(check: Check) -> None:
    """A check can neither ask a provider nor read a clock or a file."""
    imported = set()
    for node in ast.walk(ast.parse(Path(check.path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    strangers = {
        m
        for m in imported
        if m not in MAY_IMPORT | {"controlmon.check", "controlmon.core.outcome"} and not m.startswith("controlmon.facts.")
    }
    assert not strangers
    assert not {"now", "today", "utcnow"} & {
        n.attr for n in ast.walk(ast.parse(Path(check.path).read_text("utf-8"))) if isinstance(n, ast.Attribute)
    }


def test_the_twenty_six_are_there() -> None:
    """The checks of the first release, by id."""
    wanted = [
        "iam.root_mfa", "iam.root_access_keys", "iam.console_user_mfa", "iam.access_key_age", "iam.credentials_unused",
        "iam.admin_grants", "iam.password_policy", "iam.role_external_trust", "cloudtrail.multi_region_logging",
        "cloudtrail.log_file_validation", "cloudtrail.bucket_protected", "ec2.vpc_flow_logs", "guardduty.enabled",
        "s3.bucket_encryption", "s3.bucket_public", "s3.account_public_block", "ebs.default_encryption", "ebs.volume_encryption",
        "rds.storage_encryption", "rds.public_access", "rds.backup_pitr", "kms.rotation", "kms.key_policy_public",
        "elbv2.tls_policy", "ec2.sg_admin_ports", "dynamodb.pitr",
    ]  # fmt: skip
    assert {f"aws.{name}" for name in wanted} <= {check.id for check in CHECKS}
    assert packaged_checks().is_dir()
