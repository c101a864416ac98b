"""Which Datadog organizations the configuration names, and on which site."""

import msgspec
import pytest

from controlmon.service.config import Config
from controlmon.service.reach.datadog import targets
from controlmon.service.settings import Datadog, Organization, Settings

OWN = Organization("labs", site="datadoghq.eu", api_key="LABS_API", app_key="LABS_APP")


def config(**datadog: object) -> Config:
    return Config(Settings(datadog=msgspec.structs.replace(Datadog(), **datadog)), None, "")


@pytest.mark.parametrize(("site", "expected"), [("", "datadoghq.com"), ("us5.datadoghq.com", "us5.datadoghq.com")])
def test_the_site_is_its_own_else_that_of_the_environment(monkeypatch: pytest.MonkeyPatch, site: str, expected: str) -> None:
    """DD_SITE holds where the configuration says nothing; else datadoghq.com."""
    monkeypatch.setenv("DD_SITE", site)
    found = {t.name: t.site for t in targets(config(organizations=(Organization("main"), OWN)), (), ())}
    assert found == {"main": expected, "labs": "datadoghq.eu"}


def test_only_those_that_are_named() -> None:
    """--target chooses by name; keys are known by the names of their variables alone."""
    (target,) = targets(config(organizations=(Organization("main"), OWN), endpoint="http://127.0.0.1:1", attempts=2), {"labs"}, ())
    assert (target.name, target.api_key, target.app_key) == ("labs", "LABS_API", "LABS_APP")
    assert (target.terms.endpoint, target.terms.attempts) == ("http://127.0.0.1:1", 2)
