"""What a Datadog operation declares besides its permissions: how its answer pages."""

from enum import Enum

from controlmon.collect.base import Operation


class Paging(Enum):
    """How an answer goes on: not at all, by the number of the page, or by a cursor that the answer gives (meta.page.after)."""

    NONE = ""
    NUMBER = "number"
    CURSOR = "cursor"


class Read(Operation, frozen=True):
    """A read of Datadog's API. `service` is the version and the class of datadog-api-client (`v2.UsersApi`), `name` its method.

    Attributes:
        paging: how its answer goes on.
        size: items to ask for in a page, the most that the reference allows; 0 where the size is not asked for.
        member: where the items are.

    """

    paging: Paging = Paging.NONE
    size: int = 100
    member: str = "data"


WHO = Read("v2.UsersApi", "get_current_user", needs=())
"""Who the keys belong to, and the organization: valid keys are all that it takes."""
