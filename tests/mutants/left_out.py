"""Where we knowingly say something else than the API server, and why.

Each entry has an example, which is asked about whenever mutants are: what the server agrees with
after all is told, and has to go.
"""

import re
from dataclasses import dataclass
from typing import Any

from mutants.documents import Mutant, at, copy_of, originals, places


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Complaints of ours that the server does not share."""

    why: str
    ours: str
    """An expression that is found in each of them."""
    kind: str
    place: str
    """Where the example differs from a sound document of the kind; dots between keys."""
    value: Any

    def covers(self, what: str, said: str) -> bool:
        """Whether this is why we disagree; nothing excuses what we miss."""
        return what == "refused wrongly" and re.search(self.ours, said) is not None

    def mutant(self) -> Mutant:
        """The example."""
        place = tuple(int(key) if key.isdecimal() else key for key in self.place.split("."))
        known = originals()[self.kind]
        document = copy_of(next((each for each in known if place in places(each)), known[0]))
        at(document, place[:-1])[place[-1]] = self.value
        return Mutant(document, f"{self.place} = {self.value!r}")


LEFT_OUT = (
    LeftOut(
        "a null in a list or for an amount is an empty entry to the server; nobody means one",
        r"\]: null is not |: null is not a number or text",
        "networking.k8s.io/v1 Ingress", "spec.tls", [None],
    ),
    LeftOut(
        "the server reads ' 1Gi' and '-' as amounts; a person does not",
        r"is not text that matches \^\(\\\+\|-\)\?\(\(\[0-9\]",
        "v1 ResourceQuota", "spec.hard.pods", " 18",
    ),
    LeftOut(
        "the server never looks at names of disruption budgets; every tool around it does",
        r"^PodDisruptionBudget [\s\S]*: metadata\.(generateName|name|finalizers)",
        "policy/v1 PodDisruptionBudget", "metadata.name", "a b",
    ),
    LeftOut(
        "some kinds count their generation anew whatever is said; a number below 0 is wrong in all",
        r": metadata\.generation: -[0-9]+ is not 0 or more",
        "networking.k8s.io/v1 NetworkPolicy", "metadata.generation", -1,
    ),
    LeftOut(
        "to the server a number of a custom resource is whole when its fraction is small beside it",
        r"[0-9]{9}\.[0-9]+ is not a whole number",
        "kafka.strimzi.io/v1 KafkaTopic", "spec.partitions", 2**40 + 0.5,
    ),
    LeftOut(
        "an amount past 2^63 is fine in a quota, and a negative one elsewhere",
        r" is not 9223372036854775807 or less",
        "v1 ResourceQuota", "spec.hard.pods", 2**63,
    ),
    LeftOut(
        "the server makes one second of a grace period below 0; nobody means one",
        r"terminationGracePeriodSeconds: -[0-9]+ is not 0 or more",
        "v1 Pod", "spec.terminationGracePeriodSeconds", -1,
    ),
    LeftOut(
        "to the server a name in envFrom may be the beginning of one; no object is called so",
        r"envFrom\[[0-9]+\]\.(configMapRef|secretRef)\.name: \"[^\"]*-\" is not an object name",
        "v1 Pod", "spec.containers.0.envFrom.0.configMapRef.name", "settings-",
    ),
    LeftOut(
        "a dry run gives no node ports away, and so does not look at them",
        r"nodePort: -[0-9]+ is not 0 or more",
        "v1 Service", "spec.ports.0.nodePort", -1,
    ),
)  # fmt: skip
