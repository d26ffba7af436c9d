"""The intent's sections as types; made by `python -m generator.intent.make_sections`, never by hand.

A key may always be missing: what the schema demands of a layer, several layers may say together. Text of a
certain form, such as a duration, is `str` here.
"""

from collections.abc import Mapping
from typing import Any, TypedDict


class RetireSection(TypedDict, total=False):
    """RetireSection."""

    data: str


class StrimziChartSection(TypedDict, total=False):
    """Where the Helm chart comes from."""

    repoURL: str
    name: str


class StrimziSection(TypedDict, total=False):
    """The operator."""

    version: str
    apiVersion: str
    storedVersion: str
    namespace: str
    chart: StrimziChartSection
    values: Mapping[str, Any]


class KubernetesSection(TypedDict, total=False):
    """The Kubernetes clusters."""

    version: str


class ListenerSection(TypedDict, total=False):
    """A listener."""

    port: int
    type: str
    tls: bool
    authentication: str
    bootstrapHost: str
    configuration: Mapping[str, Any]
    networkPolicyPeers: list[Mapping[str, Any]]


class ClusterAuthorizationSection(TypedDict, total=False):
    """Who may do what."""

    type: str
    superUsers: list[str]


StorageDefaultsSection = TypedDict(
    "StorageDefaultsSection",
    {
        "size": str,
        "class": str,
        "deleteClaim": bool,
    },
    total=False,
)


VolumeSection = TypedDict(
    "VolumeSection",
    {
        "type": str,
        "size": str,
        "class": str,
        "deleteClaim": bool,
        "kraftMetadata": str,
        "volumeAttributesClass": str,
    },
    total=False,
)


class NodePoolStorageSection(TypedDict, total=False):
    """The pool's volumes."""

    volumes: Mapping[str, VolumeSection]


class ResourceListSection(TypedDict, total=False):
    """Cpu and memory."""

    cpu: str | float
    memory: str


class ResourcesSection(TypedDict, total=False):
    """Requests and limits."""

    requests: ResourceListSection
    limits: ResourceListSection


class NodePoolJvmSection(TypedDict, total=False):
    """Heap sizes."""

    heap: str
    options: Mapping[str, str]


class NodePoolSpreadSection(TypedDict, total=False):
    """A spread constraint."""

    maxSkew: int
    whenUnsatisfiable: str


class NodePoolSection(TypedDict, total=False):
    """A node pool."""

    roles: list[str]
    replicas: int
    nodeIds: str
    storage: NodePoolStorageSection
    resources: ResourcesSection
    jvm: NodePoolJvmSection
    spread: Mapping[str, NodePoolSpreadSection]
    retire: bool


class ClusterRackSection(TypedDict, total=False):
    """The topology key."""

    topologyKey: str
    zones: int


class ClusterPodDisruptionSection(TypedDict, total=False):
    """How many brokers may be down on purpose."""

    maxUnavailable: int


class MetricsSection(TypedDict, total=False):
    """How brokers report metrics."""

    type: str
    allowList: list[str]


class OperatorContainerSection(TypedDict, total=False):
    """Settings of one of the operators."""

    resources: ResourcesSection
    reconciliationInterval: str


class ClusterEntityOperatorSection(TypedDict, total=False):
    """The Topic and User Operator."""

    topicOperator: OperatorContainerSection
    userOperator: OperatorContainerSection


class CruiseControlSection(TypedDict, total=False):
    """Cruise Control."""

    autoRebalance: list[str]
    resources: ResourcesSection
    config: Mapping[str, str | int | bool]
    brokerCapacity: Mapping[str, Any]


class ClusterKafkaExporterSection(TypedDict, total=False):
    """Strimzi's Kafka Exporter."""

    topicRegex: str
    groupRegex: str
    resources: ResourcesSection


class BrokerQuotasSection(TypedDict, total=False):
    """Quotas of the brokers."""

    type: str
    producerByteRate: str
    consumerByteRate: str
    requestPercentage: int
    controllerMutationRate: float
    minAvailableBytesPerVolume: str
    minAvailableRatioPerVolume: float
    excludedPrincipals: list[str]


class TieredStorageSection(TypedDict, total=False):
    """Tiered storage."""

    className: str
    classPath: str
    config: Mapping[str, str | int | bool]


class CertificateAuthoritySection(TypedDict, total=False):
    """A certificate authority."""

    validityDays: int
    renewalDays: int
    generateSecretOwnerReference: bool


class ClusterSection(TypedDict, total=False):
    """The Kafka cluster."""

    name: str
    kafkaVersion: str
    metadataVersion: str
    listeners: Mapping[str, ListenerSection]
    authorization: ClusterAuthorizationSection
    config: Mapping[str, str | int | bool]
    storage: StorageDefaultsSection
    nodePools: Mapping[str, NodePoolSection]
    rack: ClusterRackSection
    podDisruption: ClusterPodDisruptionSection
    metrics: MetricsSection
    entityOperator: ClusterEntityOperatorSection
    cruiseControl: CruiseControlSection
    kafkaExporter: ClusterKafkaExporterSection
    quotas: BrokerQuotasSection
    tieredStorage: TieredStorageSection
    clusterCa: CertificateAuthoritySection
    clientsCa: CertificateAuthoritySection
    maintenanceTimeWindows: list[str]


class TopicSettingsSection(TypedDict, total=False):
    """Topic settings."""

    partitions: int
    replicas: int
    minInsyncReplicas: int
    retention: str
    retentionSize: str
    cleanup: str
    compression: str
    maxMessageSize: str
    segmentSize: str
    segmentTime: str
    localRetention: str
    tiered: bool
    throughput: str
    keyed: bool
    dataClass: str
    backup: str
    writers: list[str]
    config: Mapping[str, str | int | bool]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class TopicLimitsSection(TypedDict, total=False):
    """TopicLimitsSection."""

    replicas: int
    minInsyncReplicas: int


class DeadLetterSection(TypedDict, total=False):
    """DeadLetterSection."""

    partitions: int
    retention: str
    retire: bool | RetireSection


RetireRetriesSection = TypedDict(
    "RetireRetriesSection",
    {
        "from": int,
        "data": str,
    },
    total=False,
)


class RetriesSection(TypedDict, total=False):
    """RetriesSection."""

    partitions: int
    retention: str
    count: int
    retire: bool | RetireRetriesSection


class TopicProfileSection(TypedDict, total=False):
    """Topic settings."""

    partitions: int
    replicas: int
    minInsyncReplicas: int
    retention: str
    retentionSize: str
    cleanup: str
    compression: str
    maxMessageSize: str
    segmentSize: str
    segmentTime: str
    localRetention: str
    tiered: bool
    throughput: str
    keyed: bool
    dataClass: str
    messageFormat: str
    backup: str
    writers: list[str]
    config: Mapping[str, str | int | bool]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    deadLetter: bool | DeadLetterSection
    retries: int | RetriesSection
    description: str


class TopicSection(TypedDict, total=False):
    """Topic settings."""

    partitions: int
    replicas: int
    minInsyncReplicas: int
    retention: str
    retentionSize: str
    cleanup: str
    compression: str
    maxMessageSize: str
    segmentSize: str
    segmentTime: str
    localRetention: str
    tiered: bool
    throughput: str
    keyed: bool
    dataClass: str
    messageFormat: str
    backup: str
    writers: list[str]
    config: Mapping[str, str | int | bool]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    deadLetter: bool | DeadLetterSection
    retries: int | RetriesSection
    description: str
    profile: str
    owner: str
    retire: bool | RetireSection


class ApplicationConsumesSection(TypedDict, total=False):
    """Settings of this consumption."""

    group: str
    instances: int
    outage: str


class ApplicationStreamsSection(TypedDict, total=False):
    """A Kafka Streams application."""

    applicationId: str
    inputs: list[str]
    outputs: list[str]
    exactlyOnce: bool


class ApplicationConnectSection(TypedDict, total=False):
    """A Kafka Connect cluster."""

    group: str
    configTopic: str
    offsetTopic: str
    statusTopic: str


class UserQuotasSection(TypedDict, total=False):
    """Quotas."""

    producerByteRate: str
    consumerByteRate: str
    requestPercentage: int
    controllerMutationRate: float


class ApplicationCertificateSection(TypedDict, total=False):
    """Validity of the client certificate."""

    validityDays: int
    renewalDays: int


class ApplicationSection(TypedDict, total=False):
    """An application."""

    owner: str
    description: str
    authentication: str
    produces: list[str]
    consumes: list[str] | Mapping[str, ApplicationConsumesSection]
    streams: ApplicationStreamsSection
    transactional: bool | list[str]
    connect: ApplicationConnectSection
    externalTopics: list[str]
    quotas: UserQuotasSection
    certificate: ApplicationCertificateSection
    clientProfile: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class UserSection(TypedDict, total=False):
    """A user."""

    owner: str
    description: str
    spec: Mapping[str, Any]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class ClientProfileSection(TypedDict, total=False):
    """Client settings."""

    producer: Mapping[str, str | int | bool]
    consumer: Mapping[str, str | int | bool]


class ConnectionSection(TypedDict, total=False):
    """The connection object."""

    kind: str
    name: str
    listener: str
    clientProfile: str


class ArgocdDestinationSection(TypedDict, total=False):
    """The Kubernetes cluster."""

    server: str
    name: str


class ArgocdAutomatedSection(TypedDict, total=False):
    """Automatic sync."""

    enabled: bool
    prune: bool
    selfHeal: bool


class ArgocdSection(TypedDict, total=False):
    """Argo CD."""

    version: str
    namespace: str
    repoURL: str
    targetRevision: str
    path: str
    destination: ArgocdDestinationSection
    automated: ArgocdAutomatedSection


class VerifyGroupsSection(TypedDict, total=False):
    """Bounds of a consumer group."""

    maxLag: int
    maxLagTime: str
    running: bool


class VerifyLatencySection(TypedDict, total=False):
    """Bounds of the probe's latency."""

    p99: str


class VerifyPerformanceSection(TypedDict, total=False):
    """A bounded load."""

    records: int
    recordSize: str
    minRecordsPerSecond: int


class VerifyCertificatesSection(TypedDict, total=False):
    """When certificates are too old."""

    warn: str
    fail: str


class VerifyDiskSection(TypedDict, total=False):
    """When disks are too full."""

    warnPercent: int
    failPercent: int


class VerifySection(TypedDict, total=False):
    """Verification in the cluster."""

    image: str
    owner: str
    deadline: str
    wait: str
    stable: str
    strict: bool
    skip: list[str]
    listener: str
    clusterId: str
    credentials: bool
    backups: bool
    ignoreTopics: list[str]
    groups: Mapping[str, VerifyGroupsSection]
    latency: VerifyLatencySection
    performance: VerifyPerformanceSection
    certificates: VerifyCertificatesSection
    disk: VerifyDiskSection
    resources: ResourcesSection
    schedule: str
    pushgateway: str


class BackupTopicsSection(TypedDict, total=False):
    """Which topics."""

    include: list[str]
    exclude: list[str]
    required: bool
    undeclared: bool


class BackupStoragePvcSection(TypedDict, total=False):
    """A volume."""

    size: str
    storageClass: str
    accessMode: str
    claim: str


class BackupStorageS3CredentialsSecretSection(TypedDict, total=False):
    """A Secret's name and keys."""

    name: str
    accessKey: str
    secretKey: str


class BackupStorageS3WorkloadIdentitySection(TypedDict, total=False):
    """An identity in the cloud."""

    role: str


class BackupStorageS3Section(TypedDict, total=False):
    """A bucket."""

    bucket: str
    region: str
    endpoint: str
    prefix: str
    pathStyle: bool
    credentialsSecret: BackupStorageS3CredentialsSecretSection
    workloadIdentity: BackupStorageS3WorkloadIdentitySection


class BackupStorageAzureCredentialsSecretSection(TypedDict, total=False):
    """A Secret's name and keys."""

    name: str
    accountKey: str
    sasToken: str


class BackupStorageAzureWorkloadIdentitySection(TypedDict, total=False):
    """An identity in the cloud."""

    clientId: str


class BackupStorageAzureSection(TypedDict, total=False):
    """A container."""

    account: str
    container: str
    endpoint: str
    prefix: str
    credentialsSecret: BackupStorageAzureCredentialsSecretSection
    workloadIdentity: BackupStorageAzureWorkloadIdentitySection


class BackupStorageGcsCredentialsSecretSection(TypedDict, total=False):
    """A Secret's name and keys."""

    name: str
    serviceAccountKey: str


class BackupStorageGcsWorkloadIdentitySection(TypedDict, total=False):
    """An identity in the cloud."""

    serviceAccount: str


class BackupStorageGcsSection(TypedDict, total=False):
    """A bucket."""

    bucket: str
    prefix: str
    credentialsSecret: BackupStorageGcsCredentialsSecretSection
    workloadIdentity: BackupStorageGcsWorkloadIdentitySection


class BackupStorageSection(TypedDict, total=False):
    """One of pvc, s3, azure, gcs."""

    pvc: BackupStoragePvcSection
    s3: BackupStorageS3Section
    azure: BackupStorageAzureSection
    gcs: BackupStorageGcsSection


class BackupCompressionSection(TypedDict, total=False):
    """How segments are compressed."""

    type: str
    level: int


class BackupSegmentsSection(TypedDict, total=False):
    """How large segments are."""

    size: str
    interval: str


class BackupRetentionSection(TypedDict, total=False):
    """When segments are dropped."""

    age: str
    size: str
    keepSegments: int
    keepBackups: int


class BackupHistorySection(TypedDict, total=False):
    """How many Jobs are kept to look at."""

    successful: int
    failed: int


class BackupValidationChecksMessageCountSection(TypedDict, total=False):
    """How records are counted."""

    enabled: bool
    topics: list[str]
    failThreshold: int


class BackupValidationChecksConsumerGroupOffsetsSection(TypedDict, total=False):
    """Which groups."""

    enabled: bool
    groups: list[str]


class BackupValidationChecksWebhooksSection(TypedDict, total=False):
    """A webhook."""

    url: str
    timeout: str
    status: int


class BackupValidationChecksSection(TypedDict, total=False):
    """What is compared."""

    messageCount: BackupValidationChecksMessageCountSection
    offsetRange: bool
    consumerGroupOffsets: BackupValidationChecksConsumerGroupOffsetsSection
    webhooks: Mapping[str, BackupValidationChecksWebhooksSection]


class BackupValidationEvidenceSection(TypedDict, total=False):
    """What is kept of it."""

    formats: list[str]
    retention: str


class BackupValidationSection(TypedDict, total=False):
    """How backups are validated."""

    schedule: str
    suspend: bool
    checks: BackupValidationChecksSection
    evidence: BackupValidationEvidenceSection


class DrillSection(TypedDict, total=False):
    """A restore drill."""

    schedule: str
    suspend: bool
    topics: int | list[str]
    partitions: int
    deadline: str
    resources: ResourcesSection


class BackupSection(TypedDict, total=False):
    """A backup."""

    description: str
    owner: str
    engine: str
    image: str
    schedule: str
    timeZone: str
    suspend: bool
    topics: BackupTopicsSection
    listener: str
    storage: BackupStorageSection
    mode: str
    compression: BackupCompressionSection
    segments: BackupSegmentsSection
    parallelPartitions: int
    consumerGroups: bool
    requireTopicConfigs: bool
    retention: BackupRetentionSection
    shards: int
    objective: str
    recovery: str
    restoreRate: str
    deadline: str
    startingDeadline: str
    retries: int
    history: BackupHistorySection
    resources: ResourcesSection
    validation: BackupValidationSection
    drill: DrillSection


class BackupOperatorChartSection(TypedDict, total=False):
    """Where the Helm chart comes from."""

    repoURL: str
    name: str
    version: str


class BackupOperatorSection(TypedDict, total=False):
    """The operator for backups."""

    api: str
    namespace: str
    chart: BackupOperatorChartSection
    image: str
    resources: ResourcesSection
    values: Mapping[str, Any]


class MonitoringSection(TypedDict, total=False):
    """What watches."""

    prometheusRules: bool
    dashboards: bool
    labels: Mapping[str, str]
    runbookUrl: str
    prometheusOperatorVersion: str


class RestoreGroupsSection(TypedDict, total=False):
    """Consumer groups."""

    names: list[str]
    strategy: str
    image: str


class RestoreRateLimitSection(TypedDict, total=False):
    """How fast at most."""

    records: int
    bytes: str


class RestoreSection(TypedDict, total=False):
    """A restore."""

    description: str
    owner: str
    backup: str
    storage: BackupStorageSection
    set: str
    topics: Mapping[str, str]
    since: str
    until: str
    partitions: list[int]
    groups: RestoreGroupsSection
    rateLimit: RestoreRateLimitSection
    parallelPartitions: int
    purge: bool
    createTopics: bool
    stripHeaders: bool
    image: str
    listener: str
    deadline: str
    retries: int
    resources: ResourcesSection
    quotas: UserQuotasSection


class OffsetResetToSection(TypedDict, total=False):
    """One of timestamp, offsets and snapshot."""

    timestamp: str
    offsets: Mapping[str, Mapping[str, int]]
    snapshot: str
    path: str
    mapping: str


class OffsetResetSection(TypedDict, total=False):
    """A reset of offsets."""

    description: str
    owner: str
    engine: str
    groups: list[str]
    topics: list[str]
    to: str | OffsetResetToSection
    parallelism: int
    image: str
    listener: str
    deadline: str
    resources: ResourcesSection


class PolicyNamingSection(TypedDict, total=False):
    """Names."""

    topicPattern: str
    maxLength: int
    teamPrefixes: Mapping[str, list[str]]
    reserved: list[str]
    reservedAllowed: list[str]


class PolicyTopicsSection(TypedDict, total=False):
    """Bounds for topics."""

    minPartitions: int
    maxPartitions: int
    minReplicas: int
    maxReplicas: int
    minInsyncReplicas: int
    minRetention: str
    maxRetention: str
    consumerOutage: str
    minSegmentSize: str
    minSegmentTime: str
    minDeleteRetention: str
    maxMessageSize: str
    messageSizeLimit: str


class DataClassSection(TypedDict, total=False):
    """A class of data."""

    maxRetention: str


class PolicyAclsSection(TypedDict, total=False):
    """Grants."""

    minPrefixLength: int
    administrators: list[str]
    externalTopics: list[str]


class TeamBudgetSection(TypedDict, total=False):
    """A team's budget."""

    topics: int
    partitions: int
    storage: str


class PolicyBudgetsSection(TypedDict, total=False):
    """Budgets."""

    partitionsPerBroker: int
    brokerThroughput: str
    requestPercentage: int
    teams: Mapping[str, TeamBudgetSection]


class PolicyPricesSection(TypedDict, total=False):
    """Prices."""

    currency: str
    cpu: float
    memoryGi: float
    storageGi: float
    trafficGi: float


class PolicyApprovalsSection(TypedDict, total=False):
    """How far approvals may reach."""

    maxDays: int
    patterns: bool


class PolicyBackupGateSection(TypedDict, total=False):
    """A demand for verified backups."""

    maxAge: str
    changes: list[str]


class SuppressionSection(TypedDict, total=False):
    """A suppression."""

    rule: str
    objects: list[str]
    reason: str
    owner: str
    expires: str


class OwnRuleTestsSection(TypedDict, total=False):
    """Examples."""

    passes: list[Mapping[str, Any]]
    fails: list[Mapping[str, Any]]


class OwnRuleSection(TypedDict, total=False):
    """A rule of your own."""

    kind: str
    expression: str
    message: str
    why: str
    fix: str
    severity: str
    path: str
    tests: OwnRuleTestsSection


class PolicySection(TypedDict, total=False):
    """Rules and budgets."""

    severities: Mapping[str, str]
    naming: PolicyNamingSection
    topics: PolicyTopicsSection
    dataClasses: Mapping[str, DataClassSection]
    acls: PolicyAclsSection
    budgets: PolicyBudgetsSection
    prices: PolicyPricesSection
    guard: list[str]
    deletions: Mapping[str, int]
    approvals: PolicyApprovalsSection
    backupGate: PolicyBackupGateSection
    differences: list[str]
    suppressions: Mapping[str, SuppressionSection]
    rules: Mapping[str, OwnRuleSection]


class ApprovalSection(TypedDict, total=False):
    """An approval."""

    object: str
    change: str
    to: str | int | bool | float
    backupProof: str
    reason: str
    owner: str
    expires: str


class Intent(TypedDict, total=False):
    """Strimzi-gitops intent."""

    environment: str
    inherits: str
    namespace: str
    size: str
    protect: bool
    retire: bool | RetireSection
    strimzi: StrimziSection
    kubernetes: KubernetesSection
    cluster: ClusterSection
    topicDefaults: TopicSettingsSection
    topicLimits: TopicLimitsSection
    topicProfiles: Mapping[str, TopicProfileSection]
    topics: Mapping[str, TopicSection]
    messageFormats: Mapping[str, Mapping[str, Any]]
    applications: Mapping[str, ApplicationSection]
    users: Mapping[str, UserSection]
    clientProfiles: Mapping[str, ClientProfileSection]
    connection: ConnectionSection
    argocd: ArgocdSection
    verify: VerifySection
    backups: Mapping[str, BackupSection]
    backupOperator: BackupOperatorSection
    monitoring: MonitoringSection
    restores: Mapping[str, RestoreSection]
    offsetResets: Mapping[str, OffsetResetSection]
    policy: PolicySection
    approvals: Mapping[str, ApprovalSection]
    overrides: Mapping[str, Mapping[str, Mapping[str, Any]]]
