"""An AWS account to collect from: the one that the shell's credentials belong to, or one reached by an assumed role."""

from datetime import datetime
from typing import Any

import boto3
from msgspec import Struct

from controlmon.collect.ask import Trail, plain, timestamp
from controlmon.collect.aws.ask import CALL_ERRORS
from controlmon.collect.aws.errors import gap_of
from controlmon.collect.aws.operations import ASSUME, REGIONS, STANDING, WHO
from controlmon.collect.aws.session import HOME, AwsSession, Identity, Terms, assumed, build_client, sharing
from controlmon.collect.base import Operation, Refused
from controlmon.collect.locked import Locked, LockedAsk
from controlmon.core.fact import Gap, GapKind, Raw, Scope, Seen


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

    def open(self, now: datetime, *, regional: bool) -> AwsSession | Locked:
        """Log in, say who we are, and find the regions if `regional`. What AWS refuses makes a session that refuses."""
        try:
            base = self._base()
            boto = assumed(base, self.role, self.external_id, self.terms) if self.role else base
            answer = build_client(boto, "sts", boto.region_name, self.terms).get_caller_identity()
        except CALL_ERRORS as error:
            gap = gap_of(error, ASSUME if self.role else WHO)
            return LockedAccount(self._account(), gap, self._standing() if self.role else None, now, self.terms)
        session = AwsSession(boto, self._identity(answer, boto.region_name), self.terms, now)
        if regional:
            self._find_regions(session)
        return session

    def _base(self) -> boto3.Session:
        """The session of the ambient credentials, in the region that the environment names."""
        base = boto3.Session(profile_name=self.profile)
        return sharing(base if base.region_name else boto3.Session(profile_name=self.profile, region_name=self._home()))

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


class LockedAccount(Locked):
    """An account that could not be logged in to. `standing` is what its organization says of it, if that could be asked."""

    def __init__(self, account: str, gap: Gap, standing: Raw, now: datetime, terms: Terms) -> None:
        super().__init__(Scope("aws", account), gap, now, terms.clock)
        self.standing = standing

    def ask(self, operation: Operation, scope: Scope) -> LockedAsk:
        """A question that will be refused, unless it asks who the account is and its organization has told."""
        if operation != WHO:
            return super().ask(operation, scope)
        return _Standing(self, operation, scope, Trail(Seen(STANDING.id, timestamp(self.clock()))))


class _Standing(LockedAsk):
    """Who an account is that could not be logged in to: its organization may tell."""

    def __init__(self, session: LockedAccount, operation: Operation, scope: Scope, trail: Trail) -> None:
        super().__init__(session, operation, scope, trail)
        self._standing = session.standing

    def __call__(self, **parameters: object) -> Raw:
        """What the organization says, or refused."""
        return super().__call__(**parameters) if self._standing is None else self._standing
