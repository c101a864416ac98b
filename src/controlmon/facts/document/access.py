"""Access that no API shows: lists that people bring from systems, and the requests that access rests on."""

from datetime import date
from typing import Literal

from controlmon.facts.base import Kind
from controlmon.facts.document.schema import Id, Past, PersonId, Record, Row, Text, row_of


class AccessRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account and one role of it, in a system whose accounts are brought as a list (a database, Kubernetes, a dashboard).

    Attributes:
        account: what the system calls it.
        person: whose it is; nobody's, of a machine.
        owner: who answers for one that is a machine's.
        scope: where in the system the role holds, if not in all of it.
        since: since when it is there; `last_used` when it was used last, both as far as the system tells.
        listed_at: the day on which the list was taken from the system.

    """

    id: Id
    system: Id
    account: Text
    role: Text
    person: PersonId | None = None
    owner: PersonId | None = None
    kind: Literal["human", "service", "guest"] = "human"
    scope: str = ""
    admin: bool = False
    since: Past | None = None
    last_used: Past | None = None
    listed_at: Past


class Access(Kind, name="document.access"):
    """A row of an uploaded list of accounts."""

    row = row_of(AccessRow)


class AccessRequestRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An approved request for access: for a person, or for an account by its name.

    Attributes:
        role: what was asked for; `*` for any role.
        scope: where; anywhere in the system, if it does not say.
        expires: the last day for which it was approved.

    """

    person: PersonId | None = None
    account: str = ""
    system: Id
    role: Text
    scope: str = ""
    approved_by: PersonId
    approved_at: Past
    ticket: Text
    expires: date | None = None


class AccessRequest(Kind, name="document.access_request"):
    """An approved request for access."""

    row = row_of(AccessRequestRow)
