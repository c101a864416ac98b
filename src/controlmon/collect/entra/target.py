"""An Entra tenant to collect from."""

import os
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from controlmon.collect.entra.operations import TOKEN
from controlmon.collect.entra.session import EntraSession
from controlmon.collect.locked import Locked
from controlmon.collect.microsoft import CALL_ERRORS, Credential, Login, Terms, claims_of, cloud
from controlmon.collect.microsoft_wire import Wire, failed, gap_of
from controlmon.core.fact import Scope

BEARER = ("tid", "oid", "appid", "app_displayname", "upn", "idtyp", "roles")
"""What is kept of our token: who we are, and the permissions that we were granted. The token itself is a secret."""


class EntraTarget(Struct, frozen=True):
    """A tenant, as the configuration names it.

    Attributes:
        name: what to call it until it has told its id.
        log_in: how.
        endpoints: where `graph` and `arm` answer, if not at the cloud's own places.

    """

    name: str = "ambient"
    log_in: Login = Login()
    endpoints: Mapping[str, str] = {}
    terms: Terms = Terms()

    @property
    def provider(self) -> str:
        """Always `entra`."""
        return "entra"

    def open(self, now: datetime, *, regional: bool) -> EntraSession | Locked:  # noqa: ARG002 - a tenant has no regions
        """Log in, and say who we are. What is refused makes a session that refuses."""
        where = cloud(self.log_in.cloud, self.log_in.authority, self.endpoints.get("arm"), self.endpoints.get("graph"))
        known = self.log_in.tenant or os.environ.get("AZURE_TENANT_ID") or self.name
        try:
            credential = Credential(self.log_in, self.terms)
            claims = claims_of(credential.get_token(where.directory).token, self.log_in.tenant)
            bearer = {name: value for name, value in claims.items() if name in BEARER}
            tenant = str(self.log_in.tenant or bearer.get("tid") or known)
            wires = {
                "graph": Wire(where.graph, where.directory, credential, self.terms),
                "arm": Wire(where.arm, where.audience, credential, self.terms),
            }
        except CALL_ERRORS as error:
            return Locked(Scope("entra", known), gap_of(failed(error), TOKEN), now, self.terms.clock)
        return EntraSession(tenant, bearer, wires, self.terms, now, where.name)
