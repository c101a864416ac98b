"""All the ways in which one can sign in, and what is left of them when policies have taken their share.

A circumstance has one value in each dimension (client, platform, place ...). What a policy covers is a box: a set of values in each. What a
box leaves of another is a few smaller boxes, so that what several policies leave open together is exact, and has an example to show.
"""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from itertools import combinations

from controlmon.facts.entra.conditional_access.policy import Location, Settings, Span

Box = Mapping[str, frozenset[str]]
CLIENTS = ("browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other")
LEGACY = frozenset({"exchangeActiveSync", "other"})
MODERN = frozenset(CLIENTS) - LEGACY
PLATFORMS = ("android", "iOS", "windows", "windowsPhone", "macOS", "linux", "an unknown platform")
"""The last is what a made-up user agent gives: no list of platforms has it, only "all"."""
FLOWS = ("an ordinary sign-in", "deviceCodeFlow", "authenticationTransfer")
RISKS = ("none", "low", "medium", "high")
INSIDER = ("none", "minor", "moderate", "elevated")
ANYWHERE, TRUSTED = "All", "AllTrusted"
MFA_TRUSTED_IPS = "00000000-0000-0000-0000-000000000000"
"""The trusted addresses of the old MFA service settings, which Graph does not show."""
WORDS = {"client": "client app {}", "platform": "{}", "place": "from {}", "flow": "by {}", "sign-in risk": "sign-in risk {}",
         "user risk": "user risk {}", "insider risk": "insider risk {}"}  # fmt: skip


class World:
    """Every circumstance that some policies tell apart."""

    def __init__(self, policies: Iterable[Settings], locations: Iterable[Location]) -> None:
        policies = list(policies)
        self._locations = {one.id: one for one in locations}
        spans = [p.locations for p in policies if p.locations is not None]
        trusted = {i for i, one in self._locations.items() if one.trusted} | {MFA_TRUSTED_IPS}
        self._trusted = frozenset(trusted)
        mentioned = {i for span in spans for i in (*span.include, *span.exclude)}
        known = (mentioned - {ANYWHERE, TRUSTED}) | (self._trusted if TRUSTED in mentioned else frozenset())
        self._places = self._possible(sorted(known))
        rules = sorted({p.device_rule for p in policies if p.device_rule})
        self.whole: dict[str, frozenset[str]] = {
            "client": frozenset(CLIENTS),
            "platform": frozenset(PLATFORMS),
            "place": frozenset(self._places),
            "flow": frozenset(FLOWS),
            "sign-in risk": frozenset(RISKS),
            "user risk": frozenset(RISKS),
            "insider risk": frozenset(INSIDER),
            **{f"device {rule}": frozenset({"matches", "does not match"}) for rule in rules},
        }

    def box(self, policy: Settings) -> Box:
        """The circumstances that a policy is about."""
        box = dict(self.whole)
        if "all" not in policy.clients:
            box["client"] = frozenset("exchangeActiveSync" if c == "easSupported" else c for c in policy.clients)
        if policy.platforms is not None:
            box["platform"] = _platforms(policy.platforms)
        if policy.locations is not None:
            box["place"] = self._at(policy.locations)
        for name, said in (
            ("flow", policy.flows),
            ("sign-in risk", policy.sign_in_risk),
            ("user risk", policy.user_risk),
            ("insider risk", policy.insider_risk),
        ):
            if said:
                box[name] = frozenset(said)
        if policy.device_rule:
            box[f"device {policy.device_rule}"] = frozenset({"matches" if policy.device_mode == "include" else "does not match"})
        return box

    def describe(self, box: Box) -> str:
        """An example out of a box, in words: only what sets it apart."""
        said = []
        for name, values in box.items():
            if values == self.whole[name]:
                continue
            value = min(values, key=lambda v: (v in ("an unknown platform", ""), v))
            if name == "place":
                value = " and ".join(self._called(i) for i in self._places[value]) or "anywhere else"
            said.append(f"device that {value} {name[7:]}" if name.startswith("device ") else WORDS[name].format(value))
        return ", ".join(said)

    def _called(self, place: str) -> str:
        if place == MFA_TRUSTED_IPS:
            return "the MFA trusted IPs"
        return self._locations[place].name or place if place in self._locations else place

    def _at(self, span: Span) -> frozenset[str]:
        return frozenset(name for name, at in self._places.items() if self._within(span.include, at) and not self._within(span.exclude, at))

    def _within(self, listed: Sequence[str], at: Sequence[str]) -> bool:
        """Whether someone who is at these named locations at once is in a list. `All` needs none."""
        return ANYWHERE in listed or any(i in listed or (TRUSTED in listed and i in self._trusted) for i in at)

    def _possible(self, places: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Where one can be: at no named location, at one, or at several that overlap."""
        found: dict[str, tuple[str, ...]] = {"": ()} | {place: (place,) for place in places}
        for pair in combinations(places, 2):
            if self._overlap(*pair):
                found["+".join(pair)] = pair
        if len(places) > 2 and all("+".join(pair) in found for pair in combinations(places, 2)):
            found["+".join(places)] = tuple(places)
        return found

    def _overlap(self, one: str, other: str) -> bool:
        """Whether two locations can hold the same address. Of those that are not listed it cannot be ruled out."""
        a, b = self._locations.get(one), self._locations.get(other)
        if a is None or b is None:
            return True
        if a.ranges and b.ranges:
            pairs = [(ip_network(x, strict=False), ip_network(y, strict=False)) for x in a.ranges for y in b.ranges]
            return any(x.version == y.version and x.overlaps(y) for x, y in pairs)
        return bool(set(a.countries) & set(b.countries)) if a.countries and b.countries else True


def _platforms(span: Span) -> frozenset[str]:
    included = set(PLATFORMS) if "all" in span.include else set(span.include)
    return frozenset() if "all" in span.exclude else frozenset(included - set(span.exclude))


def minus(box: Box, cut: Box) -> list[Box]:
    """What a cut leaves of a box: smaller boxes, which do not overlap."""
    if any(not box[name] & cut[name] for name in box):
        return [box]
    left: list[Box] = []
    rest = dict(box)
    for name in box:
        outside = rest[name] - cut[name]
        if outside:
            left.append({**rest, name: outside})
        rest[name] &= cut[name]
    return left


def left_open(whole: Box, cuts: Iterable[Box]) -> Box | None:
    """Circumstances that no cut covers; None if they cover all."""
    boxes: list[Box] = [whole] if all(whole.values()) else []
    # The widest first: little is left for the others to split.
    for cut in sorted(cuts, key=lambda c: -sum(len(values) / len(whole[name] or {1}) for name, values in c.items())):
        boxes = [piece for box in boxes for piece in minus(box, cut)]
        if not boxes:
            return None
    return boxes[0] if boxes else None
