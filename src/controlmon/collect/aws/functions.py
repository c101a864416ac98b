"""AWS Lambda: the functions of each region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.functions import Function

functions = Service("aws", "functions")


@functions.lists(Function, Operation("lambda", "ListFunctions", needs=("lambda:ListFunctions",)))
def listed(ask: Ask) -> Iterator[Found]:
    """Every function. What the list says besides (its environment) is not kept: it may hold secrets."""
    for item in ask.items("Functions"):
        yield Found(Function, item["FunctionArn"], item["FunctionName"])


@functions.answers(Function.policy, Operation("lambda", "GetPolicy", needs=("lambda:GetPolicy",), absent=("ResourceNotFoundException",)))
def policy(ask: Ask, function: Met) -> Raw:
    """Who may call it."""
    return ask(FunctionName=function.name)
