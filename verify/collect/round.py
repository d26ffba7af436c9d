"""One round of collecting: every collector in its order, and what each could not find out."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.contract.settings import VerifySettings
from verify.collect import addresses, endpoints
from verify.collect.plan import CollectPlan, Watcher
from verify.desired import Desired, of_cluster
from verify.live.gap import bug
from verify.live.live import Cause, Gap, Kafka, Kubernetes, Live

if TYPE_CHECKING:
    from verify.collect.kafka.access import Access

NO_KUBERNETES = Gap(Cause.NOT_ASKED, "Kubernetes was not asked (--no-kubernetes)")


class Round:
    """Collects once; `desired` and `live` are what came of it."""

    def __init__(self, plan: CollectPlan, deadline: float, watcher: Watcher) -> None:
        """`deadline` is in terms of time.monotonic()."""
        self._plan, self._deadline, self._watcher = plan, deadline, watcher
        self._access: Access | None = None
        self._silent: Mapping[str, Gap] = {}
        self.live = Live(plan.environment, time.time(), before=plan.before)
        settings = plan.settings or VerifySettings(environment=plan.environment)
        self.desired = plan.desired or Desired(plan.environment, (), False, settings, plan.mid_sync)

    def collect(self) -> None:
        """Ask everything that is wanted; what is not found out becomes a gap."""
        asked = self._plan.parts
        self._collect(asked)
        for part in self.live.untold(asked):
            reason = "this is not the cluster that is meant" if self.is_other_cluster else part
            self.live.gaps[part] = Gap(Cause.NOT_ASKED, reason)

    def _collect(self, asked: frozenset[str]) -> None:
        if self._plan.place is None:
            self.live.gaps["kubernetes"] = NO_KUBERNETES
        elif (
            not self._plan.way.bootstrap
            or asked & {"kubernetes", "logins"}
            or not self._plan.desired
        ):
            self._part("kubernetes", self._kubernetes)
        # Before Kafka is asked: what a run brings in between must not look as if Kafka had lost it.
        if "backups" in asked and not self.is_other_cluster:
            self._part("backups", self._backups)
        parts = {"listeners": self._listeners, "logins": self._logins, "restored": self._restored,
                 "probe": self._probe, "flow": self._flow}  # fmt: skip
        if asked & {"kafka", *parts} and not self.is_other_cluster:
            self._part("kafka", self._kafka)
        for name, part in parts.items():
            if name in asked and not self.is_other_cluster:
                self._part(name, part)
        if "redis" in asked:
            self._part("redis", self._redis)

    @property
    def is_other_cluster(self) -> bool:
        """True once somebody turned out not to be who is meant; then nothing more is asked."""
        from generator.contract.report import Status
        from verify.checks import identity

        judges = (identity.kubernetes_identity, identity.cluster_id)
        outcomes = [each for judge in judges for each in judge(self.desired, self.live)]
        return any(outcome.status is Status.FAIL for outcome in outcomes)

    def _part(self, name: str, collect: Callable[[], None]) -> None:
        began = time.monotonic()
        self._watcher.collecting(name)
        if began >= self._deadline:
            self.live.gaps[name] = Gap(Cause.TIMED_OUT, f"no time was left to ask about {name}")
        else:
            try:
                collect()
            except ImportError:
                raise  # what is not installed is told with how to install it
            except Exception as error:  # noqa: BLE001 - what else was found out is told all the same
                self.live.gaps[name] = Gap(Cause.BROKEN, bug(error))
        self._watcher.collected(name, time.monotonic() - began)

    def _kubernetes(self) -> None:
        from verify.collect.kubernetes.collector import Wanted, collect

        plan = self._plan
        assert plan.place is not None  # noqa: S101 (collect() asks only then)
        name, namespace = plan.application
        wanted = Wanted(
            # In the cluster no object is known yet, and only the settings say what is rendered.
            kinds=sorted(
                {
                    *((o["apiVersion"], o["kind"]) for o in self.desired.objects),
                    *self.desired.settings.kinds,
                    *self._claims(),
                }
            ),
            cluster=self.desired.cluster,
            application=name,
            application_namespace=namespace,
            revision=plan.revision,
        )
        found, gaps = collect(plan.place, wanted, self._deadline)
        self.live.kubernetes = found
        self.live.gaps |= gaps
        if found is not None and plan.desired is None:
            told = of_cluster(plan.environment, found, self.desired.settings)
            self.desired = replace(told, mid_sync=plan.mid_sync)

    def _claims(self) -> Collection[tuple[str, str]]:
        """Claims, where backups are kept on some: those that Strimzi made are read without that."""
        backups = self.desired.settings.backups.values()
        return [("v1", "PersistentVolumeClaim")] if any(b.storage.claim for b in backups) else []

    def _kafka(self) -> None:
        from verify.collect.backups.sought import sought
        from verify.collect.kafka.collector import Collector
        from verify.live.gap import NoAnswerError

        try:
            self._access = self._way(self.live.kubernetes)
            foreign = endpoints.foreign_topics(self.desired, self._access)
        except NoAnswerError as error:
            self.live.gaps["kafka"] = error.gap
            return
        window = self._plan.window_s if "kafka" in self._plan.parts else 0
        collector = Collector(self._access, self._deadline, window, foreign, self._known_ids(),
                              self.desired.topics, self._ages_s(), sought(self.live.backups.values()))  # fmt: skip
        self.live.kafka, self._silent = collector.collect(), collector.silent
        self.live.gaps |= collector.gaps
        if self.live.kafka is not None:
            self.live.kafka.certificate = endpoints.shown_by(
                self._access, self.desired, self._authorities
            )
            self._access = replace(self._access, hopeless=addresses.hopeless(self.live.kafka))

    @property
    def _authorities(self) -> Mapping[str, str]:
        return self.live.kubernetes.authorities if self.live.kubernetes else {}

    def _ages_s(self) -> Mapping[str, float]:
        """Backed-up topics, and how old a record of theirs may be that no backup has."""
        ages_s: dict[str, float] = {}
        if "backups" in self._plan.parts:
            for each in self.desired.settings.backups.values():
                for topic in each.topics:
                    ages_s[topic] = max(each.max_age_seconds, ages_s.get(topic, 0))
        return ages_s

    def _backups(self) -> None:
        from verify.collect.backups.look import Look
        from verify.collect.backups.sets import collect

        plan = self._plan
        in_cluster = plan.place is not None and plan.place.in_cluster
        look = replace(plan.look or Look(), mounted=plan.mounted / "backups" if in_cluster else None,
                       timeout_s=plan.way.timeout_s)  # fmt: skip
        asked, now_s = self.desired.settings.backups, self.live.taken_at_s
        self.live.backups, gaps = collect(asked, look, now_s, self._deadline)
        self.live.gaps |= gaps

    def _known_ids(self) -> Collection[str]:
        kubernetes = self.live.kubernetes
        objects = kubernetes.objects.get("Kafka", {}) if kubernetes else {}
        status = objects.get(self.desired.cluster, {}).get("status") or {}
        return [
            each for each in (status.get("clusterId"), self.desired.settings.cluster_id) if each
        ]

    def _way(self, kubernetes: Kubernetes | None) -> "Access":
        """How to come into Kafka.

        Raises:
            NoAnswerError: when nobody says a way.
        """
        from verify.live.gap import NoAnswerError

        plan = self._plan
        if plan.way.bootstrap:
            return endpoints.said(plan.way)
        gap = self.live.gap("kubernetes") or self.live.gap("kubernetes.Kafka")
        if kubernetes is None or gap is not None or plan.place is None:
            reason = gap.reason if gap else "nobody says where Kafka is"
            raise NoAnswerError(gap.cause if gap and gap.cause is not Cause.NOT_ASKED
                                else Cause.UNREACHABLE, f"{reason}; give --bootstrap")  # fmt: skip
        listener = endpoints.chosen(self.desired, kubernetes)
        user = self.desired.settings.user
        if plan.place.in_cluster:
            secrets = endpoints.mounted(plan.mounted)
        else:
            from verify.collect.kubernetes.collector import ApiError, credentials

            try:
                ca = f"{self.desired.cluster}-cluster-ca-cert"
                secrets = credentials(plan.place, user, ca, self._deadline)
            except ApiError as error:
                raise NoAnswerError(error.gap.cause, error.gap.reason) from error
        return endpoints.through(listener, secrets, user, plan.way.timeout_s)

    def _listeners(self) -> None:
        from verify.collect.kafka.listeners import collect

        # Of an address that somebody gave us nobody knows that it is a listener of this cluster,
        # before Kafka was met there.
        access = self._access if self.live.kafka is not None else None
        targets = list(
            addresses.targets(self.desired, self.live.kubernetes, self.live.kafka, access)
        )
        if not targets:
            reason = "no listener can be reached from here; the rendered Job asks all of them"
            self.live.gaps["listeners"] = self.live.gap("kafka") or Gap(Cause.NOT_ASKED, reason)
            return
        self.live.listeners = collect(targets, self._plan.way.timeout_s, self._deadline,
                                      self._authorities, addresses.dead(self.live.kafka, self._silent))  # fmt: skip

    def _probe(self) -> None:
        if met := self._met("probe"):
            from verify.collect.probe.runs import run_probe

            self.live.probe = run_probe(*met, self._deadline)

    def _flow(self) -> None:
        if met := self._met("flow"):
            from verify.collect.probe.runs import run_flow

            desired = self.desired
            self.live.flow = run_flow(*met, desired.settings, desired.topics, self._deadline)

    def _met(self, part: str) -> "tuple[Access, Kafka] | None":
        """What work with topics of its own needs, once Kafka has been met."""
        if self._access is not None and self.live.kafka is not None:
            return self._access, self.live.kafka
        gap = self.live.gap("kafka") or Gap(Cause.UNREACHABLE, "Kafka was not reached")
        self.live.gaps[part] = gap
        return None

    def _logins(self) -> None:
        from verify.collect import logins

        access = self._access if self.live.kafka is not None else None
        known = addresses.targets(self.desired, self.live.kubernetes, self.live.kafka, access)
        plan, live = self._plan, self.live
        live.logins, gap = logins.collect(plan.place, plan.credentials, self.desired, live,
                                          list(known), self._deadline)  # fmt: skip
        if gap is not None:
            live.gaps["logins"] = gap

    def _restored(self) -> None:
        from verify.collect.restores import collect

        nobody = self.live.gap("kafka") or Gap(Cause.UNREACHABLE, "Kafka was not reached")
        self.live.restored, gaps = collect(self._plan, self.desired, self.live.kubernetes,
                                           self._access or nobody, self._deadline)  # fmt: skip
        self.live.gaps |= gaps

    def _redis(self) -> None:
        from verify.collect.redis import collect

        self.live.redis, gaps = collect(self._plan.redis, self._plan.way.timeout_s)
        self.live.gaps |= gaps
