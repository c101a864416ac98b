"""A tenant and its subscriptions behind one proxy: the doubles of Azure and of Entra, which the same login opens.

    with MicrosoftTwin(tmp_path) as twin:
        twin.subscribe(PROD, "production")                                 # Azure's, as in its own double
        twin.entra.put("/v1.0/users", [user("ada")])                       # the directory's
        ...                                                                # run the product with twin.environment

Logins and the journal of the directory's calls are Entra's: `twin.entra.calls()`.
"""

from pathlib import Path

from .azure import GRAPHS, LOGINS, AzureTwin
from .entra import EntraTwin
from .tunnel import Reply, Request

BY_IDS = "/v1.0/directoryObjects/getByIds"
SETTINGS = "/providers/microsoft.aadiam/"


class MicrosoftTwin(AzureTwin):
    """Both, for as long as the `with` lasts."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.entra = EntraTwin(directory)
        self.entra._tokens, self.entra._mistakes = self._tokens, self._mistakes

    def assert_read_only(self) -> None:
        """Raises AssertionError if any call, to either, was not a plain read."""
        super().assert_read_only()
        self.entra.assert_read_only()

    def _respond(self, request: Request) -> Reply:
        """Azure asks the directory who the principals of roles are; all else about the directory is Entra's to answer."""
        entra = (
            request.host in LOGINS or (request.host in GRAPHS and not request.path.startswith(BY_IDS)) or request.path.startswith(SETTINGS)
        )
        return self.entra._respond(request) if entra else super()._respond(request)
