"""An Entra tenant whose subscriptions are collected from."""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from controlmon.collect.azure.session import AzureSession
from controlmon.collect.base import Operation
from controlmon.collect.locked import Locked
from controlmon.collect.microsoft import CALL_ERRORS, CLOUDS, Cloud, Credential, Login, Terms, Way, claims_of
from controlmon.collect.microsoft_wire import Wire, failed, gap_of
from controlmon.core.fact import Scope

TOKEN = Operation("Microsoft.Entra", "GetToken", needs=())
"""Logging in (OAuth 2.0, RFC 6749)."""


class AzureTarget(Struct, frozen=True):
    """A tenant, as the configuration names it. With no `tenant` it is the one of the ambient credential.

    Attributes:
        name: what to call it until its token has told its tenant.
        tenant: its id, or a domain of it.
        credential: how to log in.
        client_id: of a managed or workload identity.
        subscriptions: ids to look at; empty for every one that the identity sees.
        cloud: where.

    """

    name: str = "ambient"
    tenant: str | None = None
    credential: Way = "default"
    client_id: str | None = None
    subscriptions: tuple[str, ...] = ()
    cloud: Cloud = CLOUDS["public"]
    terms: Terms = Terms()

    @property
    def provider(self) -> str:
        """Always `azure`."""
        return "azure"

    def open(self, now: datetime, *, regional: bool) -> AzureSession | Locked:  # noqa: ARG002 - nothing is asked region by region
        """Log in, say who we are, and find the subscriptions. What Azure refuses makes a session that refuses."""
        where = self.cloud
        known = self.tenant or os.environ.get("AZURE_TENANT_ID") or self.name
        try:
            credential = Credential(Login(self.credential, self.tenant, self.client_id, where.name, where.authority), self.terms)
            claims = claims_of(credential.get_token(where.audience).token, self.tenant)
            wire = Wire(where.arm, where.audience, credential, self.terms)
            directory = Wire(where.graph, where.directory, credential, self.terms)
        except CALL_ERRORS as error:
            chosen = tuple(one.lower() for one in self.subscriptions)
            return Locked(Scope("azure", known), gap_of(failed(error), TOKEN), now, self.terms.clock, where.arm, chosen)
        tenant = str(claims.get("tid") or known).lower()
        session = AzureSession(tenant, identity_of(claims), where.name, wire, directory, now, self.terms.clock)
        session.find(self.subscriptions)
        return session


def identity_of(claims: Mapping[str, Any]) -> str:
    """The bearer of a token in a few words."""
    app = claims.get("appid")
    who = claims.get("upn") or (f"application {app}" if app else "an identity that its token does not name")
    return f"{who}, object {claims['oid']}" if claims.get("oid") else str(who)
