"""A report as the JSON that report.schema.json describes, with everything in it and texts as they were said."""

import json
from typing import Any

import msgspec

from generator import __version__
from generator.common.exit_codes import ExitCode
from generator.common.sanitize import spelled
from generator.contract.report import (
    CauseReport,
    CheckReport,
    ConsequenceReport,
    ReportDocument,
    Tool,
    UnseenReport,
)
from verify.report.report import Report


def as_json(report: Report) -> str:
    """The shape that report.schema.json describes; new keys may come, none will change."""
    body = json.dumps(as_data(report), indent=2, ensure_ascii=False)
    return spelled(body) + "\n"  # what spells the unseen in JSON, too


def as_data(report: Report) -> dict[str, Any]:
    """A report as plain data, without what was collected."""
    kafka = report.live.kafka if report.live else None
    document = ReportDocument(
        version=report.version,
        tool=Tool(version=__version__),
        environment=report.environment,
        namespace=report.namespace,
        cluster=report.cluster,
        cluster_id=report.cluster_id,
        server=report.server,
        context=report.context,
        taken_at_s=report.taken_at_s,
        took_s=report.took_s,
        rounds=report.rounds,
        kafka_requests=kafka.requests if kafka else 0,
        ok=report.exit_code is ExitCode.FINE,
        exit_code=int(report.exit_code),
        verdict=report.verdict,
        summary=report.summary,
        causes=tuple(
            CauseReport(headline=each.headline, check=each.check, follows=each.follows)
            for each in report.causes
        ),
        consequences=tuple(ConsequenceReport(**each._asdict()) for each in report.consequences),
        not_looked_at=tuple(
            UnseenReport(reason=each.reason, what=each.what) for each in report.unseen
        ),
        checks=tuple(
            CheckReport(
                check=result.check,
                group=result.group,
                status=result.status,
                title=result.title,
                remedy=result.remedy,
                outcomes=result.outcomes,
            )
            for result in report.results
        ),
    )
    found: dict[str, Any] = msgspec.to_builtins(document)
    return found
