"""A real kube-controller-manager beside a test's kube-apiserver, with a few of its controllers.

    with Controllers(kubernetes, folder):
        kubernetes.delete("Namespace", "kafka-dev")

With it namespaces that are deleted go, what belongs to something that goes follows it, a deletion in the
foreground ends, and CronJobs make Jobs, and Jobs pods. No pod ever runs: there is no scheduler.
"""

from collections.abc import Iterable
from pathlib import Path

from live.etcd import Program, executable
from live.kubernetes_server import KubernetesServer

__all__ = ["Controllers"]

_HOW = (
    "GOBIN=~/.cache/strimzi-gitops/bin go install -C tests/live/apiserver ./kube-controller-manager"
)
_CONTROLLERS = (
    *("cronjob", "garbage-collector", "job", "namespace"),
    # Claims get a finalizer, which it takes away again.
    "persistentvolumeclaim-protection",
)


class Controllers(Program):
    """One process; definitions that come later are known to it half a minute after they came."""

    def __init__(
        self, kubernetes: KubernetesServer, folder: Path, more: Iterable[str] = ()
    ) -> None:
        """`folder` is where its log goes; `more` are further controllers.

        Raises:
            MissingError: when there is no kube-controller-manager to start.
        """
        access = kubernetes.user("system:kube-controller-manager", ["system:masters"])
        names = ",".join(f"{name}-controller" for name in (*_CONTROLLERS, *more))
        command = [
            executable("kube-controller-manager", _HOW),
            *("--kubeconfig", str(access.kubeconfig)),
            *("--controllers", names),
            *("--leader-elect=false", "--secure-port=0"),
        ]
        super().__init__("kube-controller-manager", folder / "controllers.log", command)
