"""The pinned jars of Kafka that hold its config model, by version.

Not the whole run-time class path, only what the JVM loads for `KafkaConfigModel.java`.
"""

from __future__ import annotations

from _fetch import Jar

# Versions before 4.2 are there for the names of settings that later ones removed. In 4.2 the table
# of dynamic settings is still Scala; from 4.3 on it is Java, and the config class validates hosts.
_SUMS = {
    "3.9.1": """
    7568b998572d256f0b7bc0afdc1b7a2588b8b08415c62ce314c864a6851ae9d9 kafka-clients
    fd30310533df51b17d14beb8eb8c9006a9ebb90b536c319776429e413f622a69 kafka-group-coordinator
    cb267d841def1172d8db24a830936f1c6aaf29c3de5bdbc5bbc42b67d8cb82c0 kafka-group-coordinator-api
    0d4236cf868f8668c74c49bec4bed41e400bb13d6d381a0f8e9843585b2f159f kafka-raft
    02b5a92645865e3152e9d1d829f6d4c4b4272f637b7fe4a2b00cabcbcd8df6f4 kafka-server
    99f1f5f81e9d39cfbe5c96ab8e3854be8deca465937192c9a6e2f231678d31f6 kafka-server-common
    a3041e6192a37e5508519d776f8af93b74d3fd23174b03e270c0394f1c77b59f kafka-storage
    45b852f2e6e501d4dbdd43b97c4057e6cb6827b76e5aabcffcae8b8e2918554f kafka-transaction-coordinator
    """,
    "4.0.0": """
    8a8ad0ef4f7138b3f5c138ca4a921ba3cce5be64a82e82c370a9a134f31895a2 kafka-clients
    507679edb397e4d28429e96668d1685e5917feaf2be7f3d9d268285d7e8f1ded kafka-group-coordinator
    6fe4de0531591f8b5e9264214c1fd3c9c946991b61ef61ceb1e53adbe4fd070e kafka-group-coordinator-api
    a5df314ac9eb35304e160c918ce819efa5b29f8bf56c207021a3a346ec5b8788 kafka-raft
    a19959f9817c326d0ac6d0add512d0c7c57cb542e4006afd1985cae04a9c4eb5 kafka-server
    4c3f79512e6baf50993fcae11c118bca53b71327d3e56e69ee78a9ed4c064edf kafka-server-common
    9a981c78f534b23ff7780f75f29ed1544f28b930f623d381cc821d2a0b3d4900 kafka-share-coordinator
    c8c6a4c709c557087a1e4877d0b362785a7c4a839e455abaa645cd9e2149f83e kafka-storage
    c0d267df44d4950db084c6897b88dc8b32605758a3f91571a0f67d9dc39c9018 kafka-transaction-coordinator
    """,
    "4.1.0": """
    eb74709dc3be35e06208827860c87a94872e8a4b00f466880670785c85a20627 kafka-clients
    b2528196721c9e3c675c0e214d68a1a6e6c5b489f491b3a52ced850b066dfcae kafka-group-coordinator
    526002cced845e759f0d31ae19f27e2b962caf832d2214eba97e1629b7454c26 kafka-group-coordinator-api
    0d56f0f0735be4fd2c25da02034ae2d7dd0764298cef7d197e99cb8650e1bb1a kafka-raft
    fb7765a18b46b6635eae385fb1d890955aa67960aa408d5dfe48c17f2d400b9a kafka-server
    73b8b467597429cc0f3c959b0bb1181556071aaab13a6240b9877a37a8c312d0 kafka-server-common
    4c6532e878cc0fccad8b1c60b99ecf69d8b94b55beeee57f5546ad4dba5965e5 kafka-share-coordinator
    d4b5cebcd9aeeb2db68b6ff3922bf08e776bb7d4c90f1045768267192625c810 kafka-storage
    b55df4f4500ddab992648326d8d0854a386215646f7ca6982dcd939ebb1d2630 kafka-transaction-coordinator
    """,
    "4.2.0": """
    bcf39f152c5553c2501a491fc4a73c5b0330741e8eed96a481323b8ee89738af kafka-clients
    6038093c1823c622a71825297aa03881d66b7df15213cb3a5e930cc36c32d1fb kafka-group-coordinator
    7d3329e5696d48d84ebd0f7f25c4b27c14e397eb013d8a6113ce38d8e043c2aa kafka-group-coordinator-api
    206c9580c4a9dde784e36508cdb1b020debb5a49b465712958e05cd6cc4da256 kafka-raft
    907c4c0ec05b99d311ab945be9747d5ac6f1697702529a8be55022126ca3742e kafka-server
    e99890e8e09784e4d84f9295db4012c73cde6c2cddba0a4e104cb102e18e4aa0 kafka-server-common
    0f5f3e3561c8102a4f45399d028a36e70e7947cb1393cd98394e22ed7618852e kafka-share-coordinator
    46316f7e8b3be51d83e0f2be63f6f4e61d7f19df1379fd0efe74c14c10582082 kafka-storage
    1f337382004c3f0213845af939564aeb87f5973d0cce42b912e2d5b8dcf80b69 kafka-transaction-coordinator
    0490bc0a8675f9217c52b788c8a586f692ad5ae34a50a3ed370d2533b01bdbcb kafka_2.13
    """,
    "4.2.1": """
    6a281026416938a53c105f2d91d2807fdc83d5658452abf0ad1b6d8ab8a553c8 kafka-clients
    1ec06bf318eeea2e176d839873f34c7db7dddd174010c305de4dcfef89908d86 kafka-group-coordinator
    0b85f8c4857f5cdc0159a17e2679f24e4ad6fa75160a4f81fe7f601d45d493dd kafka-group-coordinator-api
    4391c2f7d5c1a6a8139ed7eda67ea1ce8b39a727f5bf0372c3dd81cc4a2dbf52 kafka-raft
    a24df46f801ea880af31b4dbd278ac00c7723a5260cfcdb39b3f11cf10f233a1 kafka-server
    8c10d0ca99fe4585797814dfea4ee43a4cf6bb38a847f7bdcb738527ee9d24bb kafka-server-common
    7401ab67a77e1743c5c3c1ed2d4d0f97f9ea9de96e6ff47ce11c0d75ced54cc0 kafka-share-coordinator
    c12d9f25f08260a329eb40615ffbc92e892314838b798e1d4d19f28341a1076d kafka-storage
    b2d957c7919519d6330c38e8c8e573864ef1afdfee30f60aa53ad89d50d3ac1b kafka-transaction-coordinator
    1feebfe64c4077641aa915e8d77b6a1ae702dcbee80a88d0c3d5a4077b49fa0b kafka_2.13
    """,
    "4.3.0": """
    97a5b492d4ad658fd2dfba969fa0e403c2e38c971fb1e083da4e391471925fc1 kafka-clients
    98bf277fca9facf134a7599a5c13dc146b9fbaf5ce961dd412914d3ff9b44356 kafka-group-coordinator
    c78dbb49e91bb0f735dc03d07a66f1cb1c0e1db4bf6c2d9a57811c744d93ca5b kafka-group-coordinator-api
    7517424a299da3e9fcdeccd52058b3ca6e95a1ed7feb9a32c3e12836d02cff8d kafka-raft
    4e94e517a4b1c86ee1d41401d0c394556880abba515c7ca4f4eb229a4673422c kafka-server
    f272a83ad222b2747635239cdb2601c0a3f83fc874b4a1adf104afb8daf66133 kafka-server-common
    3848748f35dfe8b3b8e39cc546d129e586b5e039f0d10459d4b0bf05cefdecaa kafka-share-coordinator
    9e13c0cd8de0bf1fc24cad5d498b21c6683815e771a7148c43fac79b6a515c79 kafka-storage
    1f6cb1ebf449a6772ca22f7470b206a1845bd172fe64131848c80be7c13aa096 kafka-transaction-coordinator
    """,
    "4.3.1": """
    52501b7b47510c66f898871adaf6d2968ab7246561d44ced43643a8a587f0b36 kafka-clients
    4ab56d002e1624185c874199e9e0ffb243dbeb9f68b4d0cadf48ce2f617a1126 kafka-group-coordinator
    d81bc1a3739ff6c9b21815baae00022306342a16d3d94e6a2621201b9980a30d kafka-group-coordinator-api
    46abbf89806dd22d848e997cdfb1431524cab4ec88e38a7d2806e20b24a70609 kafka-raft
    01d736599ec3b0cdbb0480c15219170b28cdae189785e7f0c6f1f26e528eaebc kafka-server
    d7c719f749579a399011f0df7414de8a78f10f074a6122caa550fdb141351575 kafka-server-common
    8ceeed7346127e652ea5c650b217890aaff14919f967d27fadce420745bd3066 kafka-share-coordinator
    97e3facddd2914a58f28ec91ef35f8da69963eab3651196e97f487924f6dac98 kafka-storage
    c64aaa2a88d8fd382c4800204872917686e542043c7916c9e8797d939d8eb313 kafka-transaction-coordinator
    """,
}
_SLF4J = Jar(
    "org.slf4j",
    "slf4j-api",
    "1.7.36",
    "d3ef575e3e4979678dc01bf1dcce51021493b4d11fb7f1be8ad982877c16a1c0",
)
_SCALA = Jar(
    "org.scala-lang",
    "scala-library",
    "2.13.17",
    "b7822c4225243215f185925724a6edff92cf18777a136cc738276c4446fac76c",
)
_VALIDATOR = Jar(
    "commons-validator",
    "commons-validator",
    "1.10.1",
    "ed74711a78d793ca37f6075e4a1e93d107233dfd20d0bb17e32bad88d38e56aa",
)


def _kafka_jars(version: str) -> tuple[Jar, ...]:
    """Return Kafka's own jars of a version."""
    pairs = (line.split() for line in _SUMS[version].strip().splitlines())
    return tuple(Jar("org.apache.kafka", artifact, version, digest) for digest, artifact in pairs)


def _library_jars(version: str) -> tuple[Jar, ...]:
    """Return the jars of others that Kafka's config classes of a version cannot do without."""
    if version.startswith("4.2."):
        return (_SLF4J, _SCALA)
    return (_SLF4J, _VALIDATOR) if version.startswith("4.3.") else (_SLF4J,)


KAFKA_JARS = {version: _kafka_jars(version) + _library_jars(version) for version in _SUMS}
