"""An AWS account to collect from: the one that the shell's credentials belong to, or one reached by an assumed role."""

from datetime import UTC, datetime
from typing import Any

import boto3
from msgspec import Struct

from controlmon.collect.aws.ask import CALL_ERRORS, AwsAsk, Trail, plain, timestamp
from controlmon.collect.aws.errors import gap_of
from controlmon.collect.aws.operations import ASSUME, REGIONS, STANDING, WHO
from controlmon.collect.aws.session import HOME, AwsSession, Identity, Terms, assumed, build_client
from controlmon.collect.base import Operation, Place, Refused
from controlmon.core.fact import Gap, GapKind, Login, Raw, Scope, Seen


class AwsTarget(Struct, frozen=True):
    """An account, as the configuration names it. With no `role` it is the account of the ambient credentials.

    Attributes:
        name: what to call it until it has told its account id.
        profile: a profile of the shared AWS configuration.
        role: the ARN of a role to assume.
        external_id: the role's external id, if its trust policy asks for one.
        regions: the regions to look at; empty for every one that the account has enabled.

    """

    name: str = "ambient"
    profile: str | None = None
    role: str | None = None
    external_id: str | None = None
    regions: tuple[str, ...] = ()
    terms: Terms = Terms()

    @property
    def provider(self) -> str:
        """Always `aws`."""
        return "aws"

    def open(self, now: datetime, *, regional: bool) -> "AwsSession | Locked":
        """Log in, say who we are, and find the regions if `regional`. What AWS refuses makes a session that refuses."""
        try:
            base = self._base()
            boto = assumed(base, self.role, self.external_id, self.terms) if self.role else base
            answer = build_client(boto, "sts", boto.region_name, self.terms).get_caller_identity()
        except CALL_ERRORS as error:
            gap = gap_of(error, ASSUME if self.role else WHO)
            return Locked(self._account(), gap, self._standing() if self.role else None, self.terms)
        session = AwsSession(boto, self._identity(answer, boto.region_name), self.terms, now)
        if regional:
            self._find_regions(session)
        return session

    def _base(self) -> boto3.Session:
        """The session of the ambient credentials, in the region that the environment names."""
        base = boto3.Session(profile_name=self.profile)
        return base if base.region_name else boto3.Session(profile_name=self.profile, region_name=self._home())

    def _home(self) -> str:
        partition = self.role.split(":")[1] if self.role else "aws"
        return HOME.get(partition, HOME["aws"])

    def _account(self) -> str:
        """The account, as far as it is known without having been there."""
        return self.role.split(":")[4] if self.role and self.role.count(":") >= 5 else self.name

    def _identity(self, answer: dict[str, Any], region: str) -> Identity:
        metadata = answer.pop("ResponseMetadata", {})
        date = metadata.get("HTTPHeaders", {}).get("date", "")
        seen = Seen(WHO.id, timestamp(self.terms.clock()), metadata.get("RequestId", ""), date, 1)
        return Identity(str(answer["Account"]), str(answer["Arn"]), region, plain(answer), seen)

    def _find_regions(self, session: AwsSession) -> None:
        """The configured regions, or all that are enabled; if they cannot be listed, the one at hand, and a gap for the rest."""
        if self.regions:
            session.regions = list(self.regions)
            return
        ask = session.ask(REGIONS, Scope("aws", session.identity.account))
        try:
            listed = ask(AllRegions=True)["Regions"]
            session.known_regions = {r["RegionName"]: r.get("OptInStatus", "") for r in listed}
        except Refused as refused:
            session.regions, session.unplaced = [session.region], refused.gap
            return
        except (KeyError, TypeError) as error:
            gap = Gap(GapKind.MALFORMED, REGIONS.id, f"there is no {error}", REGIONS.needs)
            session.regions, session.unplaced = [session.region], gap
            return
        session.regions = sorted(name for name, status in session.known_regions.items() if status != "not-opted-in")

    def _standing(self) -> Raw:
        """What AWS Organizations says of an account that will not let us in; None if that cannot be asked either."""
        base = self._base()
        try:
            client = build_client(base, "organizations", base.region_name, self.terms)
            return plain({"Account": client.describe_account(AccountId=self._account())["Account"]})
        except (*CALL_ERRORS, KeyError):
            return None


class Locked:
    """An account that could not be logged in to: every question is refused for the same reason, save what its organization says of it."""

    def __init__(self, account: str, gap: Gap, standing: Raw, terms: Terms) -> None:
        self.account, self.unplaced, self._standing, self._terms = account, gap, standing, terms

    def scopes(self, place: Place) -> list[Scope]:
        """The account; its regions are not known."""
        return [Scope("aws", self.account)] if place is not Place.REGION else []

    def login(self, name: str) -> Login:
        """That nobody could log in, and why."""
        return Login("aws", self.account, name, gap=self.unplaced)

    def ask(self, operation: Operation, scope: Scope) -> "LockedAsk":
        """A question that will be refused."""
        return LockedAsk(
            operation,
            scope,
            self.unplaced,
            self._standing,
            Seen((STANDING if operation == WHO else operation).id, timestamp(self._terms.clock())),
        )


class LockedAsk(AwsAsk):
    """A question to an account that could not be logged in to."""

    def __init__(self, operation: Operation, scope: Scope, gap: Gap, standing: Raw, seen: Seen) -> None:
        self.operation, self.scope, self._gap, self._answer, self._trail = operation, scope, gap, standing, Trail(seen)

    @property
    def now(self) -> datetime:
        """When it was refused."""
        return datetime.fromisoformat(self._trail.seen.at).astimezone(UTC)

    def to(self, operation: Operation) -> "LockedAsk":
        """Another question that will be refused."""
        return LockedAsk(operation, self.scope, self._gap, self._answer, self._trail.seen)

    def at(self, region: str) -> "LockedAsk":  # noqa: ARG002 - every region is as shut as this one
        """The same question, refused."""
        return self

    def _call(self, parameters: dict[str, Any]) -> Raw:  # noqa: ARG002
        if self.operation == WHO and self._answer is not None:
            return self._answer
        raise Refused(self._gap)

    def whole(self, **parameters: object) -> Any:  # noqa: ANN401
        """Refused."""
        return self._call(dict(parameters))

    def __call__(self, **parameters: object) -> Raw:
        """Refused, unless it asks who the account is and its organization has told."""
        return self._call(dict(parameters))
