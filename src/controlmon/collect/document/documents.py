"""Documents: the versions that the register has of each, and the files themselves."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.collect.document.registers import operation_of
from controlmon.core.fact import Raw
from controlmon.facts.base import Kind
from controlmon.facts.document.policies import POLICIES, Document, Policy

documents = Service("document", "documents")
REGISTER = operation_of("documents")
DIGEST = Operation("file", "digest", needs=("read the files that documents names",))


@documents.lists((Policy, Document), REGISTER, at=Place.TENANT, gives=(Policy.versions, Document.versions))
def versions(ask: Ask) -> Iterator[Found]:
    """Each policy that the trust center promises, whether the register has it or not; then whatever else the register has."""
    by_document: dict[str, list[Raw]] = {name: [] for name in POLICIES}
    for raw in ask.items("rows"):
        by_document.setdefault(str(raw["row"].get("document") or raw["key"]), []).append(raw)
    for name, several in sorted(by_document.items()):
        kind: type[Kind] = (
            Policy if name in POLICIES or any(raw["row"].get("type", "policy") in ("policy", "plan") for raw in several) else Document
        )
        told = {"rows": [raw["row"] for raw in several], "lines": [raw["line"] for raw in several]}
        problems = [raw["problem"] for raw in several if "problem" in raw]
        title = next((raw["row"]["title"] for raw in reversed(several) if raw["row"].get("title")), name.replace("_", " "))
        yield Found(kind, name, str(title), answers={kind.aspects["versions"]: {**told, **({"problems": problems} if problems else {})}})


@documents.answers(Policy.contents, DIGEST, after=(Policy.versions,))
def policy_contents(ask: Ask, policy: Met) -> Raw:
    """The file of each version of a policy."""
    return _contents(ask, policy.answer(Policy.versions))


@documents.answers(Document.contents, DIGEST, after=(Document.versions,))
def document_contents(ask: Ask, document: Met) -> Raw:
    """The file of each version of another document."""
    return _contents(ask, document.answer(Document.versions))


def _contents(ask: Ask, versions: Raw) -> Raw:
    named = [(str(row["id"]), str(row.get("file") or "")) for row in versions["rows"] if row.get("id")]
    return {"files": {key: ask(name=file) if file else {"missing": "the register names no file"} for key, file in named}}
