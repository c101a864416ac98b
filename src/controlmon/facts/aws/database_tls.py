"""Whether a database server refuses clients without TLS, engine by engine, by what its parameters say.

A parameter without a value follows the engine's default, which is not the same in every version.
"""

import re

from controlmon.facts.base import View

POSTGRES, SQLSERVER, MYSQL = ("postgres", "aurora-postgresql"), ("sqlserver-",), ("mysql", "mariadb", "aurora-mysql")
OLD = ("rds.tls10", "rds.tls11")
NAMES = frozenset(("rds.force_ssl", "require_secure_transport", "tls_version", "ssl_min_protocol_version", *OLD))
"""Every parameter that is looked at."""
ON, OFF = ("1", "on", "true"), ("0", "off", "false")


class Refusal(View, frozen=True):
    """What is wrong for certain, and what cannot be told; both empty if the server refuses plaintext and old TLS."""

    wrong: str = ""
    doubt: str = ""


def demands_by_parameters(engine: str) -> bool:
    """Whether the engine is one of those whose parameters are understood here."""
    return engine in POSTGRES + MYSQL or engine.startswith(SQLSERVER)


def refusal(engine: str, version: str, values: dict[str, str]) -> Refusal:
    """What parameters say. `values` has those that the parameter group lists; "" is one that was left to its default."""
    switch = "require_secure_transport" if engine in MYSQL else "rds.force_ssl"
    if switch not in values:
        return Refusal(doubt=f"its parameter group does not list {switch}")
    value = values[switch] or _default_switch(engine, _version(version))
    if value.lower() in OFF:
        return Refusal(wrong=f"{switch} is {value}")
    if value.lower() not in ON:
        return Refusal(doubt=f"{switch} is {value or f'not set, and the default of {engine} {version} is not known'}")
    return _oldest(engine, version, values)


def _version(version: str) -> tuple[int, int]:
    found = re.match(r"(\d+)(?:\.(\d+))?", version)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def _default_switch(engine: str, version: tuple[int, int]) -> str:
    """The default as the RDS and Aurora user guides have it, as far as they do; "" for what is newer or not told."""
    if version == (0, 0):
        return ""
    if engine == "postgres":
        return "1" if version[0] >= 15 else "0"
    if engine == "aurora-postgresql":
        return "1" if version[0] >= 17 else "0"
    if engine.startswith(SQLSERVER):
        return "0"
    known = {"mysql": (8, 3), "mariadb": (11, 7), "aurora-mysql": (8, 0)}[engine]
    return "0" if version <= known else ""


def _oldest(engine: str, version: str, values: dict[str, str]) -> Refusal:
    """Whether a version of TLS below 1.2 is accepted."""
    if engine.startswith(SQLSERVER):
        states = {name: values.get(name, "").lower() for name in OLD}
        on = [name for name, state in states.items() if state == "enabled"]
        if on:
            return Refusal(wrong=f"{', '.join(on)} is enabled")
        left = [name for name, state in states.items() if state != "disabled"]
        return Refusal(doubt=f"{', '.join(left)} is left to the default") if left else Refusal()
    name = "tls_version" if engine in MYSQL else "ssl_min_protocol_version"
    if name not in values:
        return Refusal(doubt=f"its parameter group does not list {name}")
    value = values[name]
    accepted = [one.strip() for one in value.split(",") if one.strip()] or _default_oldest(engine, _numbers(version))
    if any(one in ("SSLv3", "TLSv1", "TLSv1.1") for one in accepted):
        return Refusal(wrong=f"{name} is {', '.join(accepted)}")
    if not accepted or not all(one in ("TLSv1.2", "TLSv1.3") for one in accepted):
        return Refusal(doubt=f"{name} is {value or f'not set, and the default of {engine} {version} is not known'}")
    return Refusal()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _default_oldest(engine: str, version: tuple[int, ...]) -> list[str]:
    """What an engine accepts of itself: TLS 1.2 at least since PostgreSQL 13, and since MySQL 8.0.28, which knows no older."""
    if engine in POSTGRES and version >= (13,):
        return ["TLSv1.2"]
    return ["TLSv1.2", "TLSv1.3"] if engine == "mysql" and version >= (8, 0, 28) else []
