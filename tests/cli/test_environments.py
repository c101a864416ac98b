"""One model of environments for every cloud: declared once in the configuration, shown by `doctor`, told where it is wrong."""

import json
from pathlib import Path

import pytest

from controlmon.facts.environment import SYNONYMS, Model
from tests.cli.test_run import output
from tests.twins.aws import AwsTwin

LABELS = "aws.ec2.vpc_environment_label"


def test_doctor_says_where_each_thing_belongs_and_why(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is declared is named as the reason; what nothing classifies is told as that, and is no permission to grant."""
    ec2 = twin.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "tier", "Value": "blue"}])
    (tmp_path / "controlmon.yaml").write_text(
        "aws: {regions: [us-east-1]}\nenvironments: {map: {'tag:tier=blue': staging, '123456789012': staging}}\n"
    )
    code, out, _ = output(capsys, "doctor", LABELS, "--format", "json")
    told = {row["what"]: row for row in json.loads(out) if row["what"].startswith("environment of")}
    assert told[f"environment of {vpc}"]["state"] == "ok", told
    assert told[f"environment of {vpc}"]["said"].startswith("it is staging")
    others = [row["state"] for what, row in told.items() if vpc not in what]
    assert others == ["unclassified"]
    assert code == 0


def test_one_declaration_serves_every_check(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The company's map is the parameter of each check that has one; a check's own configuration goes before it."""
    (tmp_path / "controlmon.yaml").write_text(
        "environments: {map: {'123456789012': prod}, synonyms: {prod: [live-eu]}}\n"
        f"checks: {{parameters: {{{LABELS}: {{environment_map: {{'123456789012': dev}}}}}}}}\n"
    )
    from controlmon.service import flow
    from controlmon.service.config import load_config

    config = load_config()
    registry = flow.open_registry(config)
    given = {one.check.id: one.parameters for one in config.selected([registry.get(LABELS), registry.get("aws.kms.cross_env_sharing")], {})}
    assert given["aws.kms.cross_env_sharing"]["environment_map"] == {"123456789012": "prod"}
    assert "live-eu" in given["aws.kms.cross_env_sharing"]["synonyms"]["prod"]
    assert given[LABELS]["environment_map"] == {"123456789012": "dev"}


def test_a_word_that_is_no_environment(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is refused at its line, with the words that there are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "controlmon.yaml").write_text("environments:\n  map:\n    '1': blue\n")
    code, _, err = output(capsys, "config", "check")
    assert (code, "controlmon.yaml:3: blue is no environment: use prod" in err) == (2, True)


@pytest.mark.parametrize(
    ("declared", "tags", "name", "said"),
    [
        pytest.param({"tag:tier=blue": "prod"}, {"tier": "blue"}, "x", ["prod"], id="a declared tag, whatever it is called"),
        pytest.param({"tag:tier=blue": "prod"}, {"tier": "green"}, "x", [], id="another value of it says nothing"),
        pytest.param({"name:*-uat-*": "staging"}, {}, "shop-uat-eu", ["staging"], id="a declared pattern of names"),
        pytest.param({"name:prod-*": "dev"}, {}, "prod-like-lab", ["dev"], id="a pattern goes before the words of a name"),
        pytest.param({}, {"Environment": "Production"}, "shop-dev", ["prod", "dev"], id="without declarations, both words are heard"),
    ],
)
def test_declared_tags_and_names(declared: dict[str, str], tags: dict[str, str], name: str, said: list[str]) -> None:
    """They count as what was found, so that two that disagree are not decided by their order."""
    model = Model(declared, SYNONYMS)
    assert [label.environment for label in (*model.tagged(tags, "it"), *model.named(name, "its name"))] == said
