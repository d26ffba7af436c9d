"""What came of a restore, as a page for people."""

from datetime import UTC, datetime

from generator.common.sanitize import one_line
from verify.checks._words import count
from verify.live.restored import Restored


def text(found: Restored) -> str:
    """One page: what is there of each topic, until when, what is lost, and where groups are."""
    lines = []
    if found.topics:
        rows = [("topic", "partitions", "records", "until", "set")]
        rows += [
            (
                each.target,
                str(each.partitions),
                str(each.records),
                _time(each.until_ms),
                each.backup_id,
            )
            for each in found.topics
        ]
        widths = [max(len(row[place]) for row in rows) for place in range(4)]
        lines += [
            f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:<{widths[3]}}  {row[4]}"
            for row in rows
        ]
        lines.append("")
    for topic in found.topics:
        lines += [f"FAIL  {topic.target}: {one_line(each)}" for each in topic.problems]
        lines += [f"note  {topic.target}: {one_line(each)}" for each in topic.notes]
    lines += [
        f"FAIL  group {each.group}: {one_line(each.problem)}"
        for each in found.groups
        if each.problem
    ]
    good = sum(not each.problem for each in found.groups)
    records = sum(each.records for each in found.topics)
    end = f"{count(records, 'record')} in {count(found.topics, 'topic')}, as in the backup"
    if found.groups:
        end += f"; groups that go on where they were: {good}"
    if found.problem:
        end = f"not compared: {one_line(found.problem)}"
    elif found.is_wrong:
        end = "not all is as in the backup"
    lines.append(f"restore {found.restore}: {end} (exit {int(found.exit_code)})")
    return "\n".join(lines) + "\n"


def _time(time_ms: int) -> str:
    if time_ms < 0:
        return "-"
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
