"""AWS KMS: the keys of each region. A key whose policy shuts us out is unknown by itself; the others are not touched by that."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.kms import Key

kms = Service("aws", "kms")


@kms.lists(Key, Operation("kms", "ListKeys", needs=("kms:ListKeys",)), at=Place.REGION)
def keys(ask: Ask) -> Iterator[Found]:
    """Every key of the region, those that AWS manages too."""
    for key in ask.items("Keys"):
        yield Found(Key, key["KeyArn"], key["KeyId"])


@kms.answers(Key.settings, Operation("kms", "DescribeKey", needs=("kms:DescribeKey",)))
def settings(ask: Ask, key: Met) -> Raw:
    """What it is."""
    return ask(KeyId=key.id)


@kms.answers(Key.rotation, Operation("kms", "GetKeyRotationStatus", needs=("kms:GetKeyRotationStatus",)), after=[Key.settings])
def rotation(ask: Ask, key: Met) -> Raw:
    """Whether it rotates, asked only of a key that can."""
    why = Key.settings.view(key.answer(Key.settings)).why_not_rotating
    return not_asked(why) if why else ask(KeyId=key.id)


@kms.answers(Key.policy, Operation("kms", "GetKeyPolicy", needs=("kms:GetKeyPolicy",)))
def policy(ask: Ask, key: Met) -> Raw:
    """Its one policy, which KMS calls `default`."""
    return ask(KeyId=key.id, PolicyName="default")


@kms.answers(Key.grants, Operation("kms", "ListGrants", needs=("kms:ListGrants",)))
def grants(ask: Ask, key: Met) -> Raw:
    """Its grants."""
    return {"Grants": list(ask.items("Grants", KeyId=key.id))}


@kms.answers(Key.tags, Operation("kms", "ListResourceTags", needs=("kms:ListResourceTags",)), after=[Key.settings])
def tags(ask: Ask, key: Met) -> Raw:
    """Its tags. A key that AWS manages has none."""
    if Key.settings.view(key.answer(Key.settings)).manager != "CUSTOMER":
        return {"Tags": []}
    return {"Tags": list(ask.items("Tags", KeyId=key.id))}
