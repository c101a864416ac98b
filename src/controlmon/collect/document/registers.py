"""The rows of every register, and the files of the registers themselves."""

from collections.abc import Callable, Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.base import Kind
from controlmon.facts.document.policies import Document, Policy
from controlmon.facts.document.registers import REGISTERS, Company, Register, RegisterFile

registers = Service("document", "registers")


def operation_of(register: Register | str) -> Operation:
    """Reading one register."""
    name = register if isinstance(register, str) else register.name
    return Operation("register", name, needs=(f"read {name}.yaml, .yml or .csv",))


def _rows(kind: type[Kind]) -> Callable[[Ask], Iterator[Found]]:
    """A listing of the rows of a register."""

    def rows(ask: Ask) -> Iterator[Found]:
        for raw in ask.items("rows"):
            key = raw.pop("key")
            yield Found(kind, key, str(raw["row"].get("name") or raw["row"].get("title") or key), answers={kind.aspects["row"]: raw})

    return rows


for _register in REGISTERS:
    for _kind in _register.kinds:
        if _kind not in (Policy, Document):
            registers.lists(_kind, operation_of(_register), at=Place.TENANT, gives=(_kind.aspects["row"],))(_rows(_kind))


@registers.lists(Company, Operation("register", "directory", needs=("read the directory of registers",)), at=Place.TENANT)
def company(ask: Ask) -> Iterator[Found]:
    """The company itself."""
    ask()
    yield Found(Company, ask.scope.target)


@registers.lists(RegisterFile, Operation("register", "directory", needs=("read the directory of registers",)), at=Place.TENANT)
def files(ask: Ask) -> Iterator[Found]:
    """Each register that has a file."""
    for name in ask()["registers"]:
        yield Found(RegisterFile, name)


@registers.answers(RegisterFile.file, *(operation_of(register) for register in REGISTERS))
def file(ask: Ask, register: Met) -> Raw:
    """What a register says of itself, and what is wrong with it; its rows stand apart."""
    answer = dict(ask.to(operation_of(register.id))())
    return {**answer, "rows": answer.pop("count")}


@registers.answers(RegisterFile.provenance, Operation("git", "log", needs=("read the directory of registers",)))
def provenance(ask: Ask, register: Met) -> Raw:
    """The last commit of a register's file."""
    return ask(name=register.id)
