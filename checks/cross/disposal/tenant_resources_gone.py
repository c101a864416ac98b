"""Thirty days after a tenant left, nothing of it is there: no resource, no key that could open a copy, no row in a shared table.

Deleting what one remembers is easy; what stays is the cache, the index, the log, the copy. So every store of the isolation model has to
answer: by tags where clouds show them, and else by the output of a job that counted what is left. Backups may run out by themselves, if
they say when; what was kept on purpose stands in the register of exceptions.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.kms import Key
from controlmon.facts.aws.tagged import TaggedResource
from controlmon.facts.azure.resource import Resource
from controlmon.facts.document.customers import ByocDeployment, Customer, CustomerRow, RetentionException, RetentionExceptionRow
from controlmon.facts.document.isolation import Store
from controlmon.facts.inventory import BACKUPS, Thing, listed, things

DB = "arn:aws:rds:eu-west-1:111111111111:cluster:acme"
SNAPSHOT = "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:acme"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"
ROWS: dict[str, object] = {"id": "audit", "name": "Audit", "isolation": "row"}
OWN: dict[str, object] = {"id": "db", "name": "Records", "type": "rds:cluster", "isolation": "tenant"}
NONE_LEFT: dict[str, object] = {"at": "2026-08-01", "left": 0, "sha256": "sha256:" + "0" * 64}


def case(
    *found: str, disposed: dict[str, object] | None = None, expires: str = "", key: str = "Enabled", kept: str = "", **row: object
) -> Example:
    about = {"id": "acme", "name": "Acme", "start": "2024-01-01", "end": "2026-07-31"}
    proof = {"audit": NONE_LEFT} if disposed is None else disposed
    tagged = [TaggedResource.example(id=arn, tags={"tenant": "acme"} | ({"expires": expires} if expires else {})) for arn in found]
    exception = RetentionException.example(
        row={"id": "x", "customer": "acme", "item": "x", "basis": "law", "until": "2030-01-01", "resources": [kept]}
    )
    arguments = (
        Customer.example(id="acme", row=about | {"disposed": proof} | row),
        All.of(*(Store.example(row=one) for one in (ROWS, OWN))),
        All.of(exception),
        All[ByocDeployment].of(),
        Everywhere.of(*tagged),
        Everywhere.of(Key.example(id=KEY, settings={"state": key})),
        Everywhere[Resource].of(),
    )
    return Example(arguments, {"clouds": ("aws",)})


@check(
    title="Nothing of a terminated tenant remains after the disposal window",
    severity="critical",
    reads=[
        *(Customer.row, Store.row, RetentionException.row, ByocDeployment.row),
        *(TaggedResource.tags, Key.settings, Resource.listed),
    ],
    remediation="Delete what is left, have the key deleted, file the output of the job that counts rows, or register the exception.",
    proves="That nothing with the tenant's tag is left, and that jobs found nothing in the stores that show no tags, prefixes of buckets "
    "included. What has neither a tag nor a place in the isolation model is not seen.",
    passes=[case(), case(SNAPSHOT, expires="2026-11-27"), case(KEY, key="PendingDeletion"), case(DB, kept=DB)],
    fails=[case(DB), case(SNAPSHOT), case(SNAPSHOT, expires="2030-01-01"), case(KEY), case(disposed={"audit": NONE_LEFT | {"left": 3}})],
)
def judge(
    customer: Customer,
    stores: All[Store],
    exceptions: All[RetentionException],
    deployments: All[ByocDeployment],
    tagged: Everywhere[TaggedResource],
    keys: Everywhere[Key],
    resources: Everywhere[Resource],
    now: datetime,
    *,
    days: int = 30,
    backup_days: int = 90,
    clouds: tuple[str, ...] = ("aws", "azure"),
    tenant_tag: str = "tenant",
    expires_tag: str = "expires",
) -> Verdict:
    row = customer.row
    if row.over is None or row.over >= now.date():
        return not_applicable("it neither left nor asked for disposal")
    due = row.over + timedelta(days=days)
    if now.date() <= due:
        return not_applicable(f"what is left of it has to be gone by {due.isoformat()}")
    seen, gap = things(tagged, resources, clouds, tenant_tag)
    kept = [one.row for one in exceptions if one.row.customer == row.id and stands(one.row, now)]
    mine = [one for one in seen if row.tag in one.tenants(tenant_tag) and not spared(one, kept)]
    last = due + timedelta(days=backup_days)
    left = [one for one in mine if one.sort != "kms:key" and not (one.sort in BACKUPS and goes(one.tag(expires_tag), now, last))]
    if left:
        return failed(f"it was over on {row.over.isoformat()}, and there is {listed(one.id for one in left)}")
    if alive := [one.id for one in mine if one.sort == "kms:key" and not shredded(keys, one.id)]:
        return failed(f"it was over on {row.over.isoformat()}, and there is the key {listed(alive)}")
    wrong, untold = elsewhere(row, stores, deployments, due)
    if wrong:
        return failed(wrong)
    if gap is not None:
        return unknown(f"not everything that is tagged was seen: {gap}")
    spared_too = f"; {len(kept)} exceptions stand" if kept else ""
    return unknown(untold) if untold else passed(f"it was over on {row.over.isoformat()}, and nothing is left{spared_too}")


def stands(row: RetentionExceptionRow, now: datetime) -> bool:
    """Whether an exception has a ground and runs."""
    return row.basis is not None and row.until is not None and row.until >= now.date() and row.deleted_at is None


def spared(thing: Thing, kept: Iterable[RetentionExceptionRow]) -> bool:
    """Whether something is kept on purpose."""
    return any(fnmatchcase(thing.id, pattern) for one in kept for pattern in one.resources)


def goes(expires: str, now: datetime, last: date) -> bool:
    """Whether a backup says on which day it goes, and that day is to come and within the policy."""
    try:
        day = date.fromisoformat(expires[:10])
    except ValueError:
        return False
    return now.date() <= day <= last


def shredded(keys: All[Key], id_: str) -> bool:
    """Whether a key can open nothing any more, or will not for long. Raises `Unseen` if its state was not seen."""
    return keys.some(lambda key: key.id == id_ and key.settings.state in ("PendingDeletion", "PendingReplicaDeletion"))


def elsewhere(row: CustomerRow, stores: All[Store], deployments: All[ByocDeployment], due: date) -> tuple[str, str]:
    """What is left where no tag shows it, and what is not known of that: our access to a customer's own cloud, and what jobs counted."""
    if row.hosting == "byoc":
        ours = [one.row for one in deployments if one.row.customer == row.id]
        late = [one.id for one in ours if one.access_revoked_at is None or one.access_revoked_at > due]
        told = f"our access to {', '.join(late)} was not taken away by {due.isoformat()}" if late else ""
        return told, "" if ours else "no deployment in its own cloud is registered: whether our access to it is gone is not known"
    model = [one.row for one in stores]
    hidden = [store for store in model if not store.visible and store.isolation != "shared"]
    full = [
        f"{row.disposed[store.id].left:g} in {store.name}" for store in hidden if store.id in row.disposed and row.disposed[store.id].left
    ]
    told = f"a job counted {', '.join(full)}" if full else ""
    bare = [store.name for store in hidden if store.id not in row.disposed or row.disposed[store.id].at < (row.over or date.max)]
    if not model:
        return told, "the isolation model lists no store: where its data was is not known"
    return told, f"no output of a job shows what is left in {', '.join(bare)}" if bare else ""
