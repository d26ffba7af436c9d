"""Which Secrets a rebuild needs is read off the manifests."""

from generator.contract.secrets import needed_secrets


def test_secrets_are_told_by_who_makes_them() -> None:
    """Of authorities, of users whom the operator gives one, and those that people have made."""
    user = {"metadata": {"name": "billing"}, "kind": "KafkaUser"}
    own = {"valueFrom": {"secretKeyRef": {"name": "own-password", "key": "password"}}}
    found = needed_secrets(
        "events",
        [
            {**user, "spec": {"authentication": {"type": "tls"}}},
            {**user, "metadata": {"name": "ui"}, "spec": {"authentication": {"type": "scram-sha-512", "password": own}}},
            {**user, "metadata": {"name": "outside"}, "spec": {"authentication": {"type": "tls-external"}}},
            {**user, "metadata": {"name": "nobody"}},
            {"kind": "CronJob", "metadata": {"name": "b"}, "spec": {"a": [
                {"env": [{"valueFrom": {"secretKeyRef": {"name": "keys", "key": "a"}}}]},
                {"envFrom": [{"secretRef": {"name": "variables"}}], "imagePullSecrets": [{"name": "registry"}]},
                {"projected": {"sources": [{"secret": {"name": "projected"}}]}},
                {"volumes": [{"secret": {"secretName": "billing"}}, {"secret": {"secretName": "events-cluster-ca-cert"}}]},
            ]}},
            {"kind": "KafkaBackup", "metadata": {"name": "b"}, "spec": {"s3": {"credentialsSecret": {"name": "bucket"}}}},
            {"kind": "Kafka", "metadata": {"name": "events"}, "spec": {"brokerCertChainAndKey": {"secretName": "own-certificate"}}},
        ],
    )  # fmt: skip

    assert found.authorities == [
        "events-cluster-ca", "events-cluster-ca-cert", "events-clients-ca", "events-clients-ca-cert",
    ]  # fmt: skip
    assert found.users == ["billing", "ui"]
    assert found.brought == [
        "bucket", "keys", "own-certificate", "own-password", "projected", "registry", "variables",
    ]  # fmt: skip
    assert len(found.all) == 13
