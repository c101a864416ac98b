"""An Entra tenant whose subscriptions are collected from."""

import os
from datetime import datetime

from msgspec import Struct

from controlmon.collect.azure.credential import CLOUDS, Cloud, Way, claims_of, credential_of
from controlmon.collect.azure.errors import CALL_ERRORS, gap_of_failure
from controlmon.collect.azure.session import AzureSession
from controlmon.collect.azure.wire import ArmWire, ShutWire, Terms, Wire
from controlmon.collect.base import Operation

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

    def open(self, now: datetime, *, regional: bool) -> AzureSession:  # noqa: ARG002 - nothing is asked region by region
        """Log in, say who we are, and find the subscriptions. What Azure refuses makes a session that refuses."""
        where, gap = self.cloud, None
        tenant, identity = self.tenant or os.environ.get("AZURE_TENANT_ID") or self.name, ""
        wire: Wire
        try:
            credential = credential_of(self.credential, self.tenant, self.client_id, where)
            claims = claims_of(credential.get_token(where.audience).token, self.tenant)
            tenant, identity = (claims.tid or tenant).lower(), claims.identity
            wire = ArmWire(where.arm, where.audience, credential, self.terms)
            directory: Wire = ArmWire(where.graph, where.directory, credential, self.terms)
        except CALL_ERRORS as error:
            gap = gap_of_failure(error, TOKEN)
            wire = directory = ShutWire(where.arm, gap)
        session = AzureSession(tenant, identity, where.name, wire, directory, now, self.terms.clock)
        session.refused = gap
        session.find(self.subscriptions)
        return session
