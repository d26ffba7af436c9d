"""Plans worth looking at, made as the product makes them, and their pages."""

from collections.abc import Mapping
from pathlib import Path

from support import ENVIRONMENT, Project

from generator.common.cache import Cache
from generator.plan.formats.data import PlanData, as_data
from generator.plan.formats.html import as_html
from generator.plan.guard import Guard
from generator.plan.plan import plan
from generator.plan.sides import of_folders, of_project

LONG = "a.name.as.long.as.kafka.takes.it" + "x" * 217
HOSTILE = """</script><script>alert("1")</script><img src=x onerror='alert(2)'>"""
"""What a stranger may try to have run by those who review."""

_USER = "applications: {billing: {consumes: [invoices]%s}}\n"
_LEFT_OVER = """\
  left-over:
    object: KafkaTopic/other
    change: delete
    reason: It went last year.
    owner: team-a
    expires: "2026-12-31"
"""
_BEFORE = {
    "dev": "topics: {orders: {partitions: 6}}\n",
    "prod": f"""\
topics:
  orders: {{partitions: 6}}
  invoices: {{retention: 7d}}
  receipts: {{retention: 7d}}
  refunds: {{}}
  {LONG}: {{retention: 7d}}
"""
    + _USER % ""
    + "approvals:\n"
    + _LEFT_OVER,
}
_APPROVALS = """\
approvals:
  less-receipts:
    object: KafkaTopic/receipts
    change: spec.config.retention.ms
    to: 86400000
    reason: Nobody reads what is older.
    owner: team-a
    expires: "2026-12-31"
"""
_AFTER = {
    "dev": "topics: {orders: {partitions: 6, retention: 14d}}\n",
    "prod": f"""\
topics:
  orders: {{partitions: 12}}
  invoices: {{retention: 1d}}
  receipts: {{retention: 1d}}
  {LONG}: {{retention: 1d}}
  returns: {{partitions: 9, annotations: {{strimzi.io/pause-reconciliation: "true"}}}}
"""
    + _USER % ", produces: [orders]"
    + _APPROVALS
    + _LEFT_OVER,
    "staging": "topics: {orders: {}}\n",
}


def reviewed(root: Path) -> PlanData:
    """A plan of three environments: blocked, approved and harmless changes, and one that hangs."""
    sides = []
    for side, environments in (("before", _BEFORE), ("after", _AFTER)):
        project = Project(root / side)
        for name, more in environments.items():
            project.environment(more, name=name, text=ENVIRONMENT)
        sides.append(of_project(project.root, None, Cache()))
    before, after = sides
    return as_data(plan(before.states, after.states, Guard(after.rules, "2026-11-21")))


def between(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> PlanData:
    """The plan from one set of rendered files of an environment prod to another."""
    for side, files in (("before", before), ("after", after)):
        for name, text in files.items():
            Project(root / side).write(f"prod/{name}.yaml", text)
    states = of_folders(root / "before", root / "after")
    return as_data(plan(*states, Guard({}, "2026-11-21")))


def topic(name: str, partitions: int, protected: bool = False) -> str:
    """A rendered topic."""
    options = "{argocd.argoproj.io/sync-options: Prune=confirm}" if protected else "{}"
    return f"""\
apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata:
  name: {name}
  namespace: kafka-prod
  labels: {{strimzi.io/cluster: events}}
  annotations: {options}
spec: {{partitions: {partitions}, replicas: 3, config: {{retention.ms: 604800000}}}}
"""


def many(root: Path, count: int) -> PlanData:
    """A plan of so many changes: half are topics that are to go and may not."""
    names = [f"team-{number % 40}.entity-{number}.changed" for number in range(count)]
    gone, stay = names[: count // 2], names[count // 2 :]
    before = {name: topic(name, 6, protected=True) for name in gone}
    before |= {name: topic(name, 6) for name in stay}
    return between(root, before, {name: topic(name, 12) for name in stay})


def page(data: PlanData, folder: Path) -> Path:
    """The file with a plan's page."""
    file = folder / "plan.html"
    file.write_text(as_html(data), encoding="utf-8")
    return file


CONTRASTS = """(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => numbers(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (part) => {
    const [,,, seen = 1] = numbers(getComputedStyle(part).backgroundColor);
    return seen ? light(getComputedStyle(part).backgroundColor) : behind(part.parentNode);
  };
  const found = {};
  for (const part of document.querySelectorAll('body *:not(script)')) {
    const said = Array.from(part.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
    if (!said && part.tagName !== 'INPUT') continue;
    const [one, other] = [light(getComputedStyle(part).color), behind(part)].sort((a, b) => b - a);
    const name = `${part.tagName} ${part.className}`;
    found[name] = Math.min(found[name] || 99, (one + 0.05) / (other + 0.05));
  }
  return found;
})()"""
"""The least contrast of every sort of text on the page, as WCAG 2 computes it."""
