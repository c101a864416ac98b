"""A role that trusts tokens of an outside provider says whose: which repository, which environment, which account of a cluster.

GitHub issues tokens to everybody, so a trust without a subject is one in the whole world, and `repo:org/*` is one in every branch of every
repository. ForAllValues is true of a token that has no such claim. A subject that a template of the organization lays out otherwise cannot
be read here.
"""

from fnmatch import fnmatchcase

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.iam import Role
from controlmon.facts.aws.policy import statements
from controlmon.facts.aws.web_identity import COGNITO, EKS, GITHUB, WebTrust, web_trusts, wild


def role(sub: str, provider: str = GITHUB, operator: str = "StringLike", name: str = "deploy") -> Role:
    limits = {"StringEquals": {f"{provider}:aud": "sts.amazonaws.com"}}
    limits.setdefault(operator, {})[f"{provider}:sub"] = sub
    principal = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{provider}"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": limits}
    return Role.example(name=name, trust={"path": "/", "statements": statements({"Statement": statement})})


CLUSTER = "oidc.eks.eu-west-1.amazonaws.com/id/1"


@check(
    title="Web-identity trusts (GitHub Actions, Azure DevOps, EKS) are bound to exact repositories and environments",
    severity="critical",
    reads=[Role.trust],
    remediation="Pin the subject to the repository and its environment, and the audience to sts.amazonaws.com.",
    proves="What the trust policy demands of a token. Not whether the ref or environment that it names is protected, which GitHub knows.",
    passes=[
        role("repo:org/app:environment:production"),
        role("repo:org/app:ref:refs/heads/main", operator="StringEquals"),
        role("system:serviceaccount:app:*", CLUSTER),
        Example((role("repo:org/app:*"),), {"production_roles": ["prod-*"]}),
    ],
    fails=[
        role("*"),
        role("repo:org/*"),
        role("repo:org/app:*"),
        role("repo:org/app:environment:production", operator="ForAllValues:StringLike"),
        role("system:serviceaccount:*:api", CLUSTER),
        Example((role("repo:other/app:environment:production"),), {"allowed_github_orgs": ["org"]}),
    ],
)
def judge(
    role: Role,
    *,
    allowed_github_orgs: tuple[str, ...] = (),
    production_roles: tuple[str, ...] = ("*",),
    protected_refs: tuple[str, ...] = ("refs/heads/main", "refs/heads/master"),
) -> Verdict:
    trusts = web_trusts(role.trust.statements)
    if not trusts:
        return not_applicable("it trusts no provider of web identities")
    production = any(fnmatchcase(name, glob) for name in (role.name, role.id) for glob in production_roles)
    doubts: list[str] = []
    for trust in trusts:
        wrong, doubt = _fault(trust, allowed_github_orgs, protected_refs if production else None)
        if wrong:
            return failed(f"its trust in {trust.provider} {wrong}")
        doubts += [f"its trust in {trust.provider} {doubt}"] if doubt else []
    if doubts:
        return unknown(doubts[0])
    return passed("; ".join(f"it trusts {', '.join(t.subjects or t.audiences)} of {t.provider}" for t in trusts))


def _fault(trust: WebTrust, organizations: tuple[str, ...], refs: tuple[str, ...] | None) -> tuple[str, str]:
    """What is wrong with a trust, and what cannot be told of it. `refs` is None for a role that is not of production."""
    if not trust.audiences:
        return "does not limit the audience (aud)", ""
    if trust.provider == COGNITO:
        return "", ""  # its tokens are of the users of one pool, which the audience names
    if not trust.subjects:
        return "does not limit the subject (sub)", ""
    answers = [_subject(trust.provider, subject, organizations, refs) for subject in trust.subjects]
    return next((wrong for wrong, _ in answers if wrong), ""), next((doubt for _, doubt in answers if doubt), "")


def _subject(provider: str, subject: str, organizations: tuple[str, ...], refs: tuple[str, ...] | None) -> tuple[str, str]:
    if provider == GITHUB:
        return _github(subject, organizations, refs)
    if provider.startswith(EKS):
        _, _, account = subject.partition("system:serviceaccount:")
        namespace = account.partition(":")[0]
        return (f"lets in {subject}: any namespace", "") if refs is not None and (not namespace or wild(namespace)) else ("", "")
    return (f"lets in {subject}: more than one subject", "") if refs is not None and wild(subject) else ("", "")


def _github(subject: str, organizations: tuple[str, ...], refs: tuple[str, ...] | None) -> tuple[str, str]:
    kind, _, rest = subject.partition(":")
    if wild(kind):
        return f"lets in {subject}: any repository", ""
    if kind != "repo":
        return "", f"lets in {subject}, which is laid out by a template that GitHub keeps"
    repository, _, context = rest.partition(":")
    owner, _, name = repository.partition("/")
    if wild(owner) or (organizations and owner.lower() not in {one.lower() for one in organizations}):
        return f"lets in {subject}: another organization", ""
    if not name or wild(name):
        return f"lets in {subject}: any repository of {owner}", ""
    if refs is None:
        return "", ""
    what, _, value = context.partition(":")
    if (what == "environment" and value and not wild(value)) or (what == "ref" and value in refs):
        return "", ""
    return f"lets in {subject}: it names neither an environment nor a protected ref", ""
