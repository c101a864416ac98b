"""What the small company uses AI for: one use that is in order, one that is new and watched by nobody, and the terms of the models."""

from typing import Any

from controlmon.core.canonical import digest
from controlmon.demo.people import JANE, LENA, TOM, ago

CLAUDE, GPT = "anthropic.claude-sonnet-4", "gpt-5"


def registers() -> dict[str, Any]:
    """Use cases, the reviews of their outputs, and the terms."""
    samples = [
        {
            "id": f"triage-{days}",
            "use_case": "complaint-triage",
            "at": ago(days),
            "sample": 25,
            "reviewer": TOM.login,
            "method": "blind second reading",
            "result": f"{kept} of 25 upheld",
        }
        for days, kept in ((45, 23), (15, 24))
    ]
    return {"ai_use_cases": [_triage(), _summary()], "ai_reviews": samples, "vendor_terms": [_terms("bedrock"), _terms("azure-openai")]}


def _validated(model: str, days: int) -> dict[str, Any]:
    setup = {"model": model, "prompt": "v7", "retrieval": "v2"}
    run = {
        "at": ago(days),
        "configuration": setup,
        "test_set": "complaints v3",
        "precision": 0.95,
        "recall": 0.97,
        "precision_agreed": 0.9,
        "recall_agreed": 0.95,
        "agreed_with": "acme",
        "issues": [],
        "conclusion": "fit",
        "approver": JANE.login,
        "evidence": digest(f"the validation of {model}\n".encode()),
    }
    return {"configuration": setup, "validations": [run]}


def _triage() -> dict[str, Any]:
    return {
        "id": "complaint-triage",
        "name": "Triage of complaints",
        "live_since": ago(200),
        "owner": LENA.login,
        "intended_use": "suggests a class for each complaint; a person decides",
        "process_risk": "high",
        "risk_reason": "a missed report of harm may be late",
        "assurance": [{"activity": "ground-truth test set", "why": "precision and recall can be measured"}],
        "models": [{"model": CLAUDE, "route": "bedrock"}],
        **_validated(CLAUDE, 40),
        "drift": {
            "metric": "overturned suggestions",
            "threshold": "5 %",
            "window": "7 days",
            "owner": LENA.login,
            "action": "roll back",
            "monitor": "datadog:1234",
        },
    }


def _summary() -> dict[str, Any]:
    """Live for ten days: its first sample is due in three weeks; nobody said how drift is watched."""
    return {
        "id": "document-summary",
        "name": "Summaries of documents",
        "live_since": ago(10),
        "owner": TOM.login,
        "intended_use": "a summary beside the document, with links to its sentences",
        "process_risk": "not high",
        "risk_reason": "the document itself is what people decide on",
        "models": [{"model": GPT, "route": "azure-openai"}],
        **_validated(GPT, 14),
        "drift": {"metric": "thumbs down", "owner": TOM.login},
    }


def _terms(route: str) -> dict[str, Any]:
    provider, operator, model = {"bedrock": ("aws", "AWS", CLAUDE), "azure-openai": ("azure", "Microsoft", GPT)}[route]
    return {
        "id": f"{route}-1",
        "provider": provider,
        "service": route,
        "route": route,
        "models": [model],
        "operator": operator,
        "clause": "50.3" if provider == "aws" else "Product Terms, AI services",
        "retrieved_at": ago(20),
        "sha256": digest(f"terms of {route}\n".encode()),
        "excludes_training": True,
        "retention": "inputs and outputs are not kept",
        "boundary": "the region of the call",
        "reviewer": JANE.login,
        "reviewed_at": ago(19),
        "still_true": True,
    }
