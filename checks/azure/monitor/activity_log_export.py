"""What is done to a subscription is sent to where it is kept and watched.

A setting that exists may have every category off. A Log Analytics workspace alone is not what feeds the log platform: an event hub, a
storage account or the platform's own resource is.
"""

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.azure.diagnostics import sent
from controlmon.facts.azure.subscription import Subscription

REQUIRED = ("Administrative", "Security", "Policy", "Alert")
CATEGORIES = (*REQUIRED, "ServiceHealth", "Recommendation", "Autoscale", "ResourceHealth")
HUB = ["/subscriptions/1/resourcegroups/logs/providers/microsoft.eventhub/namespaces/datadog/authorizationrules/send"]


def subscription(*settings: dict[str, object]) -> Subscription:
    return Subscription.example(activity_log=[{"name": "s", "destinations": HUB, **one} for one in settings])


@check(
    title="Subscription activity logs are exported to the log platform",
    severity="critical",
    reads=[Subscription.activity_log],
    remediation="Create the diagnostic setting of the subscription by policy, to the event hub or partner that feeds the platform.",
    proves="That the categories are sent on. Not that the platform receives them: `platform` says what feeds it.",
    passes=[
        subscription({"categories": REQUIRED}),
        subscription({"groups": ["allLogs"]}),
        subscription({"categories": REQUIRED[:2]}, {"categories": REQUIRED[2:]}),
        Example((subscription({"categories": REQUIRED}),), {"platform": ["*/namespaces/datadog/*"]}),
    ],
    fails=[
        subscription(),
        subscription({"categories": REQUIRED[:3]}),
        subscription({"categories": REQUIRED, "destinations": [], "workspace": "/w"}),
        Example((subscription({"categories": REQUIRED}),), {"platform": ["*/namespaces/other/*"]}),
    ],
)
def judge(subscription: Subscription, *, required_categories: tuple[str, ...] = REQUIRED, platform: tuple[str, ...] = ("*",)) -> Verdict:
    settings = subscription.activity_log
    feeding = sent(settings, platform, {"allLogs": CATEGORIES})
    missing = [category for category in required_categories if category not in feeding]
    if missing:
        return failed(f"none of its {len(settings)} diagnostic settings sends {', '.join(missing)} to the platform")
    return passed(f"{', '.join(required_categories)} are sent to the platform")
