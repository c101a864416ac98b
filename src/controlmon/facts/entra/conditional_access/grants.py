"""What a policy demands before it lets someone in."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from controlmon.facts.entra.conditional_access.policy import Grant, Strength


class Want(StrEnum):
    """What is asked for: that access is refused, phishing-resistant MFA, MFA, or MFA or else a compliant device."""

    BLOCK = "access refused"
    RESISTANT = "phishing-resistant MFA"
    MFA = "MFA"
    MFA_OR_DEVICE = "MFA or a compliant device"


RESISTANT = {"fido2", "windowsHelloForBusiness", "x509CertificateMultiFactor"}
ALONE = RESISTANT | {"deviceBasedPush", "temporaryAccessPassOneTime", "temporaryAccessPassMultiUse", "federatedMultiFactor"}
"""Methods that are multifactor by themselves, as the built-in strength "Multifactor authentication" counts them."""
KNOWN = {"password", "federatedSingleFactor", "x509CertificateSingleFactor"}
HELD = {"microsoftAuthenticatorPush", "softwareOath", "hardwareOath", "sms", "voice"}
Strengths = Mapping[str, Strength]


def is_mfa(combination: str) -> bool:
    """Whether a combination of methods (authenticationMethodModes, joined by commas) is of two factors."""
    methods = {part.strip() for part in combination.split(",")}
    return bool(methods & ALONE) or bool(methods & KNOWN and methods & HELD)


def is_resistant(combination: str) -> bool:
    """Whether a combination cannot be phished. One that adds another method to one that cannot be phished is still that."""
    return bool({part.strip() for part in combination.split(",")} & RESISTANT)


def gives(strength: Strength, want: Want, strengths: Strengths) -> bool:
    """Whether a strength demands it, by its combinations and not by its name.

    Raises:
        KeyError: if the policy does not show the combinations, and no such strength was listed.

    """
    combinations = strength.combinations or strengths[strength.id].combinations
    test: Callable[[str], bool] = is_resistant if want is Want.RESISTANT else is_mfa
    return bool(combinations) and all(test(combination) for combination in combinations)


def demands(grant: Grant | None, want: Want, strengths: Strengths) -> bool:
    """Whether nobody gets in without what is wanted. Where any one control is enough (OR), each has to be it.

    Raises:
        KeyError: as `gives` does.

    """
    if grant is None:
        return False  # session controls alone let everyone in
    if "block" in grant.controls:
        return True
    if want is Want.BLOCK:
        return False
    tests = [_control(control, want) for control in grant.controls] + [False] * grant.others
    if grant.strength is not None:
        tests.append(gives(grant.strength, want, strengths))
    return bool(tests) and (any(tests) if grant.operator == "AND" else all(tests))


def _control(control: str, want: Want) -> bool:
    if control == "mfa":
        return want in (Want.MFA, Want.MFA_OR_DEVICE)
    return control == "compliantDevice" and want is Want.MFA_OR_DEVICE
