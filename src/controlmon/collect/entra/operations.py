"""The operation that logging in asks, and the ways in which Graph says that something is not there.

An operation is named by its method and path, version included, as Graph's reference has it: `GET /v1.0/groups/{id}/transitiveMembers`.
"""

from controlmon.collect.base import Operation

TOKEN = Operation("login", "POST /oauth2/v2.0/token", needs=())
UNLICENSED = "unlicensed"
"""What stands for Graph's several ways of saying that the tenant has not bought a thing. Listed in `absent`, it is an answer."""
GONE = "Request_ResourceNotFound"
"""The object was deleted: what still names it names nobody."""
