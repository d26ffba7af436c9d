"""The shipped environments in a repository that Argo CD follows, and the people who change them."""

from typing import Any

from argocd.argo_cd import USER, ArgoCd
from argocd.audit import Audit, Write
from argocd.repository import Repository
from argocd.stand_in import StandIn

ENVIRONMENTS = ("dev", "staging", "prod")
_MERGE = "application/merge-patch+json"


class Site:
    """Everything that a test needs; `bring` brings all environments from nothing."""

    def __init__(
        self, argo_cd: ArgoCd, audit: Audit, hand: StandIn, repository: Repository
    ) -> None:
        """Nothing is committed yet."""
        self.argo_cd, self.audit, self.hand = argo_cd, audit, hand
        self.repository, self.kubernetes = repository, argo_cd.kubernetes
        self.plans: dict[str, Any] = {}
        """What plan said of each environment before it came."""
        self.first: list[Write] = []
        """What Argo CD did until they were there."""

    def bring(self) -> None:
        """Have Argo CD bring all environments; the operator's chart is not to be had without a network."""
        self.repository.take()
        self.repository.render()
        self.plans = {name: self.repository.plan(name) for name in ENVIRONMENTS}
        revision, mark = self.repository.commit(), self.audit.mark()
        self.follow(*ENVIRONMENTS)
        for name in ENVIRONMENTS:
            self.argo_cd.until_synced(f"kafka-{name}", revision)
        self.first = self.audit.since(mark, USER)

    def follow(self, *environments: str) -> None:
        """Apply what is rendered for Argo CD itself, as an Application of Applications would."""
        names = {f"kafka-{name}" for name in environments}
        manifests = self.repository.manifests("argocd")
        self.argo_cd.follow(each for each in manifests if each["metadata"]["name"] in names)

    def intend(self, environment: str, subject: str, text: str) -> Any:
        """Write a file of intent, empty for none, and render; returns what plan says."""
        name = f"environments/{environment}/{subject}.yaml"
        if text:
            self.repository.write(name, text)
        else:
            self.repository.remove(name)
        self.repository.render()
        return self.repository.plan(environment)

    def merge(self, environment: str) -> str:
        """Commit, and have Argo CD look; returns the commit."""
        revision = self.repository.commit()
        self.argo_cd.refresh(f"kafka-{environment}")
        return revision

    def deploy(self, environment: str) -> None:
        """Commit, and wait until it is synced."""
        self.argo_cd.until_synced(f"kafka-{environment}", self.merge(environment))

    def read(self, environment: str, kind: str, name: str) -> Any:
        """An object as it is now."""
        return self.kubernetes.read(kind, name, f"kafka-{environment}")

    def is_there(self, environment: str, kind: str, name: str) -> bool:
        """Whether an object is there, going or not."""
        return self.argo_cd.is_there(kind, name, f"kafka-{environment}")

    def patch(self, environment: str, kind: str, name: str, patch: Any) -> None:
        """Change an object by hand."""
        path = self.kubernetes.path(kind, name, f"kafka-{environment}")
        self.kubernetes.admin.request("PATCH", path, patch, _MERGE)

    def verification(self, environment: str) -> str:
        """Which Job that verifies is there: each sync makes another."""
        return str(self.read(environment, "Job", "strimzi-verify")["metadata"]["uid"])

    def done(self, mark: int) -> set[str]:
        """The names of what Argo CD has changed since then."""
        return {each.path.rpartition("/")[2] for each in self.audit.since(mark, USER)}
