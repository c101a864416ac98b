"""The page that an auditor opens: one file that needs no server, no network and no script to be read.

Its policy (CSP) allows the one style and the one script that it holds, by their hashes, and nothing else. Whatever was read from a provider
stands in it as text, or as JSON that only the script reads.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from controlmon.engine.dossier import Dossier
from controlmon.report import words
from controlmon.report.page import charts
from controlmon.report.page.embed import script
from controlmon.report.page.view import View


def write(dossier: Dossier, out: TextIO) -> None:
    """Write the page (HTML, UTF-8). The same dossier gives the same bytes.

    Every subject of every population is in the page, once: it grows by about 100 bytes for each.
    """
    out.writelines(pieces(dossier))


def pieces(dossier: Dossier) -> Iterator[str]:
    """The page in parts, as they are made."""
    style, code = part("page.css"), part("page.js")
    view = View(dossier)
    yield from (
        environment()
        .get_template("page.html")
        .generate(
            d=dossier,
            view=view,
            style=style,
            code=code,
            policy=policy(style, code),
        )
    )


def part(name: str) -> Markup:
    """A file of this folder."""
    return Markup(files(__name__).joinpath(name).read_text("utf-8"))  # noqa: S704 - our own files


def policy(style: str, code: str = "") -> str:
    """What a page may do: show its own style, run its own script if it has one, and nothing else."""
    allowed = {"style-src": style, **({"script-src": code} if code else {})}
    hashes = [f"{name} 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for name, text in allowed.items()]
    return "; ".join(["default-src 'none'", *hashes, "img-src data:", "base-uri 'none'", "form-action 'none'"])


def environment() -> Environment:
    """Where the templates are, and what they may say."""
    env = Environment(
        loader=PackageLoader(__name__),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "n": lambda number: f"{number:,}",
        "when": words.when,
        "duration": words.duration,
        "share": words.share,
        "outcomes": words.outcomes,
        "rate": words.rate,
        "coverage": words.coverage,
        "lasted": words.lasted,
        "responded": words.responded,
        "slug": lambda text: text.replace(" ", "-"),
        "sentence": lambda text: text[:1].upper() + text[1:],
        "breaks": _breaks,
        "short": lambda text: text.removeprefix("sha256:")[:12],
        "json": script,
        "plain": words.plain,
    }
    env.globals |= {"calendar": charts.calendar, "strip": charts.strip, "states": charts.STATES, "pitch": charts.PITCH}
    return env


def _breaks(name: str) -> Markup:
    """A dotted name, which a line may break where a part of it ends."""
    return Markup(re.sub(r"([._:])", r"\1<wbr>", str(escape(name))))  # noqa: S704 - escaped first


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a template says
    """What a template says, without what a reader's eyes would obey: characters that turn the direction of text, or that are not seen."""
    if value is None:
        return ""
    return value if isinstance(value, Markup | int | float) else words.shown(str(value))
