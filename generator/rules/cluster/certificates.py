"""Certificates of the cluster and of clients: when they are renewed."""

import re
from collections.abc import Iterator

from generator.rules.registry import Flaw, rule
from generator.system.system import System

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = (
    ("second", 0, 59, (), ""),
    ("minute", 0, 59, (), ""),
    ("hour", 0, 23, (), ""),
    ("day of the month", 1, 31, (), r"\?|L(?:-\d+)?W?|\d+W"),
    ("month", 1, 12, _MONTHS, ""),
    ("day of the week", 1, 7, _DAYS, r"\?|L|\w+L|\w+#[1-5]"),
    ("year", 1970, 2299, (), ""),
)
"""Fields of Quartz with their bounds, names, and what else they may say (Quartz 2.5, CronExpression)."""
_DAY_OF_MONTH, _DAY_OF_WEEK = 3, 5
_PART = re.compile(r"(?:[*]|(?P<first>\w+)(?:-(?P<last>\w+))?)?(?:/(?P<step>\d+))?")
_VALIDITY, _RENEWAL = 365, 30


@rule("maintenance-window")
def maintenance_window(system: System) -> Iterator[Flaw]:
    """A maintenance window is an expression that the operator can read: Quartz, seconds first.

    Why: where the operator comes to one that it cannot read, such as the five fields of Kubernetes, it
        takes all of them for "not now", with a line in its log, and looks at none of those that follow:
        certificates are not renewed until they expire, and then nobody comes in.
    Fix: write six or seven fields, in UTC, with ? for one of the days: "* * 0-1 ? * SUN *".
    Source: Strimzi 1.2.0, Util.isMaintenanceTimeWindowsSatisfied and InternalCa.shouldCreateOrRenew
        (POSTPONED); Quartz 2.5, CronExpression.buildExpression; seen on its Cluster Operator: "The
        provided maintenance time windows list contains 0 2 * * SUN which is not a valid cron
        expression".
    """
    for index, text in enumerate(system.kafka.body["spec"].get("maintenanceTimeWindows") or ()):
        if fault := _fault(str(text)):
            path = ("spec", "maintenanceTimeWindows", index)
            yield Flaw(path, f"'{text}' is no window: {fault}", on=system.kafka)


def _fault(text: str) -> str:
    """What Quartz would refuse; empty when it is nothing."""
    words = text.upper().split()
    if len(words) not in (6, 7):
        return f"it has {len(words)} fields, and needs 6 or 7"
    if (words[_DAY_OF_MONTH] == "?") is (words[_DAY_OF_WEEK] == "?"):
        return "one of day of the month and day of the week is ?, and not both"
    for word, (field, least, most, names, more) in zip(words, _FIELDS, strict=False):
        for part in word.split(","):
            if more and re.fullmatch(more, part):
                continue
            match = _PART.fullmatch(part)
            ends = [match["first"], match["last"]] if match and part else ["?"]
            if not all(end is None or _within(end, least, most, names) for end in ends):
                return f"'{part}' is no {field} from {least} to {most}"
    return ""


def _within(text: str, least: int, most: int, names: tuple[str, ...]) -> bool:
    return text in names or (text.isdecimal() and least <= int(text) <= most)


@rule("certificate-renewal")
def renewal(system: System) -> Iterator[Flaw]:
    """A certificate authority is renewed near its end, and not from its beginning.

    Why: where the renewal begins as long before the end as the certificate is valid, or longer, it is due
        at once: the operator makes a new one, and restarts every node, at each reconciliation.
    Fix: write renewalDays well below validityDays, such as 30 of 365.
    Source: Strimzi 1.2.0, InternalCa.certNeedsRenewal; CertificateAuthority (365 and 30 days when not
        said).
    """
    for key in ("clusterCa", "clientsCa"):
        said = system.kafka.body["spec"].get(key) or {}
        valid, before = said.get("validityDays", _VALIDITY), said.get("renewalDays", _RENEWAL)
        if said.get("generateCertificateAuthority", True) and before >= valid:
            word = "renewalDays" if "renewalDays" in said else "validityDays"
            yield Flaw(("spec", key, word), f"renewed {before} days before its end, of {valid} days",
                       on=system.kafka)  # fmt: skip
