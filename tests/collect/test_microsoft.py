"""Logging in to Microsoft's clouds, and what an answer that is none means: one mapping for Azure and Entra ID."""

import base64
import json

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceResponseTimeoutError

from controlmon.collect.base import Operation
from controlmon.collect.microsoft import CLOUDS, claims_of, cloud
from controlmon.collect.microsoft_wire import Answer, failed, gap_of
from controlmon.core.fact import GapKind

READ = Operation("Microsoft.Sql", "Servers_List", ("Microsoft.Sql/servers/read",))


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Answer(403, {}, {"error": {"code": "AuthorizationFailed", "message": "No\n role."}}), GapKind.DENIED, "AuthorizationFailed: No role."),
        (Answer(404, {}, {"error": {"code": "SubscriptionNotFound"}}), GapKind.DENIED, "SubscriptionNotFound"),
        (Answer(401, {}, {"error": {"code": "ExpiredToken", "message": "eyJ0"}}), GapKind.DENIED, "ExpiredToken: the token is not, or no longer"),
        (Answer(400, {}, {"error": {"code": "RateLimiting"}}), GapKind.THROTTLED, "RateLimiting"),
        (Answer(429, {}, why="no JSON"), GapKind.THROTTLED, "status 429"),
        (Answer(504, {}, {}), GapKind.TIMEOUT, "status 504"),
        (Answer(302, {}, why="no JSON"), GapKind.UNAVAILABLE, "status 302"),
        (Answer(400, {}, {"code": "BadRequest", "message": "At the top."}), GapKind.UNAVAILABLE, "BadRequest: At the top."),
        (Answer(400, {}, {"error": "invalid", "error_description": "As the login says it."}), GapKind.UNAVAILABLE, "invalid: As the login says it."),
        (
            Answer(400, {}, {"error": {"code": "BadRequest", "message": "Outer.", "details": [{"code": "I", "message": "Inner."}]}}),
            GapKind.UNAVAILABLE,
            "BadRequest: Outer.; Inner.",
        ),
        (Answer(200, {}, {"error": {"code": "InBatch"}}), GapKind.UNAVAILABLE, "InBatch"),
        (Answer(200, {}, ["a list"]), GapKind.MALFORMED, "the answer is no JSON object"),
        (Answer(200, {}, why="a sign-in page"), GapKind.MALFORMED, "a sign-in page"),
        (failed(ServiceResponseTimeoutError("too late")), GapKind.TIMEOUT, "ServiceResponseTimeoutError: too late"),
        (failed(ClientAuthenticationError("no secret")), GapKind.DENIED, "ClientAuthenticationError: no secret"),
        (failed(OSError("no route")), GapKind.UNAVAILABLE, "OSError: no route"),
    ],
)  # fmt: skip
def test_what_an_answer_means_that_is_none(answer: Answer, kind: GapKind, said: str) -> None:
    """None of these is an answer, each is the gap that it is, in the service's words; a token that was refused is not repeated."""
    gap = gap_of(answer, READ)
    assert not answer.good
    assert (gap.kind, gap.operation, gap.needs) == (kind, READ.id, READ.needs)
    assert gap.detail.startswith(said)
    assert "eyJ0" not in gap.detail


def test_the_environment_stands_in_for_the_public_cloud_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """AZURE_AUTHORITY_HOST may name a host only; the configuration is heard before it, and so is who names a sovereign cloud."""
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "login.private.example/")
    assert cloud("public").authority == "https://login.private.example"
    assert cloud("public", "https://login.own.example").authority == "https://login.own.example"
    assert cloud("usgov") == CLOUDS["usgov"]
    assert cloud("china", graph="https://graph.private.example/").graph == "https://graph.private.example"
    assert cloud("china", graph="https://graph.private.example/").directory == "https://microsoftgraph.chinacloudapi.cn/.default"


def test_a_token_of_another_tenant_is_refused() -> None:
    """Whatever its case; a tenant that is named by its domain is not compared; a token that nobody can read says nothing."""
    token = f"h.{base64.urlsafe_b64encode(json.dumps({'tid': 'AAAA'}).encode()).decode().rstrip('=')}.s"
    assert claims_of(token, "aaaa") == claims_of(token, "artemis.example") == claims_of(token) == {"tid": "AAAA"}
    with pytest.raises(ClientAuthenticationError, match="AAAA, not to bbbb"):
        claims_of(token, "bbbb")
    assert claims_of("opaque", "bbbb") == claims_of("a.bnVsbA.c") == {}
