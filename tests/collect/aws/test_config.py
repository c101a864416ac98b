"""The collectors of Config and Access Analyzer over HTTP. moto knows no analyzers: those are laid over it."""

from typing import Any

from controlmon.collect.aws.accessanalyzer import accessanalyzer
from controlmon.collect.aws.config import config
from controlmon.facts.aws.accessanalyzer import Analyzer
from controlmon.facts.aws.config import Recorder
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin


def test_a_recorder_and_its_status(twin: AwsTwin, collect: Collect) -> None:
    client = twin.client("config")
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    client.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::123456789012:role/config", "recordingGroup": group}
    )
    found = collect(config, Recorder.settings, Recorder.status)
    assert found.views(Recorder.settings)["default"].everywhere
    assert not found.views(Recorder.status)["default"].recording


def test_a_services_own_recorder_is_asked_for_by_its_service(twin: AwsTwin, collect: Collect) -> None:
    told: dict[str, Any] = {"name": "AWSX", "arn": "arn:x", "servicePrincipal": "x.amazonaws.com", "recordingScope": "INTERNAL"}
    status = {"name": "AWSX", "recording": True, "lastStatus": "NOT_APPLICABLE"}
    with (
        twin.answer("config", "DescribeConfigurationRecorders", {"ConfigurationRecorders": [told]}),
        twin.answer("config", "DescribeConfigurationRecorderStatus", {"ConfigurationRecordersStatus": [status]}),
    ):
        found = collect(config, Recorder.settings, Recorder.status)
    assert found.views(Recorder.settings)["AWSX"].service == "x.amazonaws.com"
    [call] = twin.calls("config", "DescribeConfigurationRecorderStatus")
    assert call.params == {"ServicePrincipal": "x.amazonaws.com"}


def test_analyzers_of_every_type_are_listed(twin: AwsTwin, collect: Collect) -> None:
    several = [{"arn": f"arn:{t}", "name": t, "type": t, "status": "ACTIVE", "createdAt": "2026-01-01T00:00:00Z"} for t in ("ACCOUNT", "ORGANIZATION")]  # fmt: skip
    with twin.answer("accessanalyzer", "ListAnalyzers", {"analyzers": several}), twin.page_size(1):
        found = collect(accessanalyzer, Analyzer.settings)
    assert {view.type for view in found.views(Analyzer.settings).values()} == {"ACCOUNT", "ORGANIZATION"}
