"""Every subscription that runs is somebody's, of a known environment, and seen.

The list of subscriptions names only what the identity may read, so "all that I see is classified" passes best when it sees nothing. The
root management group names the others too, and what it names but the identity does not see fails: it is scanned by nobody.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.subscription import GONE, KnownSubscription

READER = [{"actions": ["*/read"]}]


def subscription(state: str = "Enabled", permissions: list[dict[str, list[str]]] | None = None, **tags: str) -> KnownSubscription:
    return KnownSubscription.example(
        id="/subscriptions/1", listed={"state": state, "tags": tags}, permissions=READER if permissions is None else permissions
    )


@check(
    title="Every enabled subscription is classified and scanned",
    severity="high",
    reads=[KnownSubscription.listed, KnownSubscription.permissions],
    remediation="Assign Reader (or the generated role) at the root management group; tag the subscription (environment, owner).",
    proves="That each enabled subscription which the identity or the root management group knows has an environment, an owner and some "
    "read permission for us. Not which kinds can be read: what cannot be is unknown in the checks that need it.",
    passes=[
        subscription(environment="production", owner="platform"),
        Example((subscription(),), {"environments": {"1": "sandbox"}, "owners": {"1": "research"}}),
    ],
    fails=[
        subscription(owner="platform"),
        subscription(environment="production"),
        subscription(permissions=[], environment="production", owner="platform"),
        KnownSubscription.example(listed=None, permissions=[]),
    ],
)
def judge(
    subscription: KnownSubscription,
    *,
    environment_tags: tuple[str, ...] = ("environment", "env"),
    owner_tags: tuple[str, ...] = ("owner", "owner-email"),
    environments: dict[str, str] = {},  # noqa: B006 - a parameter is never written to
    owners: dict[str, str] = {},  # noqa: B006
) -> Verdict:
    number = subscription.id.rpartition("/")[2]
    listed = subscription.listed
    if listed is None:
        return failed("the root management group names it, but the identity that collects cannot see it")
    if listed.state in GONE:
        return not_applicable(f"the subscription is {listed.state}: nothing runs in it")
    environment = environments.get(number) or next((listed.tags[t.lower()] for t in environment_tags if listed.tags.get(t.lower())), "")
    owner = owners.get(number) or next((listed.tags[t.lower()] for t in owner_tags if listed.tags.get(t.lower())), "")
    missing = [what for what, said in (("environment", environment), ("owner", owner)) if not said]
    if missing:
        return failed(f"it has no {' and no '.join(missing)}, by tag or by declaration")
    if not any(permission.allows("Microsoft.Resources/subscriptions/read") for permission in subscription.permissions):
        return failed("it is listed, but no role lets the identity that collects read it")
    if listed.state != "Enabled":
        return unknown(f"the subscription is {listed.state}: what is seen of it may not be all")
    return passed(f"it is {environment}, owned by {owner}, and read")
