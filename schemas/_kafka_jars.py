"""The pinned jars of Kafka that hold its config model, by version.

Not the whole run-time class path, only what the JVM loads for `KafkaConfigModel.java`.
"""

from __future__ import annotations

from _fetch import Jar

# Up to 4.2 the table of dynamic settings is Scala; from 4.3 on it is Java, and the config class
# validates hosts.
_SUMS = {
    "3.8.0": """
    68877a34a19b5f7ef1c3e2ee0abf727e0be626556dc0dbbf20527380252f1745 kafka-clients
    0be7738d71e92dfc35f41771310ab772d440148881c553678fe3048cd21a9222 kafka-group-coordinator
    00e36cfa424474b61ee76da409dddc5f4a994db38fda5a92b2b6db57e054f784 kafka-group-coordinator-api
    fe410fb4bfc36a7b7f5bb432278ed99af5a988f4b6f15adce61bb0c61e2d2b84 kafka-raft
    bd3d962b7435a3556bc80bccaf2b40562ed2a5d68ea6076cadb4109bc6b738b2 kafka-server
    5313380a62fd4fc499332ca3014d8ba61e9a8146c8472186a4227fa5a695ea30 kafka-server-common
    77686cd3138af196f0b5001f3a90d1feb74cd3cc3102108e389b075e4bff9e29 kafka-storage
    3983b80093fa558f63558a97d27a81f9005530fd59c756be16555667096d8f8d kafka-transaction-coordinator
    28360898432938ea4c5cd6cf8049eb41a0118a7b88337891708bed657a736cbb kafka_2.13
    """,
    "3.8.1": """
    d6d8c4ad7ab00c6adb03ad9ad7188af32fa7c5de62ca1d8625e086512987a584 kafka-clients
    f02ac90bba54146bc86de8e80c0b4066696ed1a6c04efc74fec0d98bb3b89744 kafka-group-coordinator
    9e48bca8fb51a7f9d631e2f30003e926d652ee4995cd441d924c7a6b631b18e8 kafka-group-coordinator-api
    f125097d7a2792a7ab8bad72546b124bde730808f684ad05576bf80cae1d9e9f kafka-raft
    f680a99ff4f0e4cc625d2dbc847b2225a4a70b9b1d203d5d10513cce9675d2f9 kafka-server
    39802aada5c2f53407fc56fde7cd8db7b1856e15aa84fffef7844fb4e34424d3 kafka-server-common
    f45af7ed9e16b1b76d0f717ba4b198eb59a145cc1fc2df937b33aacde7840f8c kafka-storage
    2d36eaea9052c6fe8a7701f9bb3726581d3a9eea5a3dc8b624de945e3f3b128a kafka-transaction-coordinator
    14b681b003a928688440c82f8d267cebec0cf904fe87d9bb26b52db16ab41d1c kafka_2.13
    """,
    "3.9.0": """
    15c1e137f2c2c94398e27abc4060a03b6bde10bf9fac15e8f70c02320b202f18 kafka-clients
    624121f05f4f074840fc7e35c9dd1815fa102f37571345825708adc04683e74d kafka-group-coordinator
    81bb4f786ba86cf8767806a21cd62bf1b3e4783606067478aa0ce529b57c218d kafka-group-coordinator-api
    7a59face37103f1f572f9b8dfc5bb33bcdc431619f0a9c7618d85b8c5ac10c79 kafka-raft
    af7388a986fe60fc488a8684a8a1eaaad79df73407de542529136ae940431e22 kafka-server
    6a5e80ad03dc651dc8eef1e04569916c44c2f89231acf4ab69d64f093425ad72 kafka-server-common
    ef3c44838af30445ff5887105fe2558d2195f024e8bfb7d8d9b8443714ca37da kafka-storage
    ccfe499af94fe4cc4ebc7825c12f8dccddfdcfc126f5149599629e453e00eaad kafka-transaction-coordinator
    805d28d77fe36da8ae837867b799c3f4424592b2dd0c308ef4f28de31458bf19 kafka_2.13
    """,
    "3.9.1": """
    7568b998572d256f0b7bc0afdc1b7a2588b8b08415c62ce314c864a6851ae9d9 kafka-clients
    fd30310533df51b17d14beb8eb8c9006a9ebb90b536c319776429e413f622a69 kafka-group-coordinator
    cb267d841def1172d8db24a830936f1c6aaf29c3de5bdbc5bbc42b67d8cb82c0 kafka-group-coordinator-api
    0d4236cf868f8668c74c49bec4bed41e400bb13d6d381a0f8e9843585b2f159f kafka-raft
    02b5a92645865e3152e9d1d829f6d4c4b4272f637b7fe4a2b00cabcbcd8df6f4 kafka-server
    99f1f5f81e9d39cfbe5c96ab8e3854be8deca465937192c9a6e2f231678d31f6 kafka-server-common
    a3041e6192a37e5508519d776f8af93b74d3fd23174b03e270c0394f1c77b59f kafka-storage
    45b852f2e6e501d4dbdd43b97c4057e6cb6827b76e5aabcffcae8b8e2918554f kafka-transaction-coordinator
    5631c61356d55611c158291a69ad028f3c4fed5d0a610c62a0853c65c89d10f6 kafka_2.13
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
    b23db85319775d6c6a6755daaef8d161bc0d671c50c27273056a20a6074946b0 kafka_2.13
    """,
    "4.0.1": """
    ef3e6bc207822302c36c4c5870007fdfc76659c033eb7e4e079db3b34f30443c kafka-clients
    acdd73a10bbb853a879e7bb9fe3847ec7057aaa9606fa78dec8ccfc62ab03f7f kafka-group-coordinator
    8e1fd0d4d99b1eadd602e66eb8fb7a6b0a2456fb20ac0ea6efd8df7351c64f8e kafka-group-coordinator-api
    1617ebb235c41710a28f30958d3de4f7b038195ba1e13fc20ab8a70a8e225af4 kafka-raft
    2df7f3e91f2a26b101d0f6693be54c8dae75d494209680e265a2fb86bf251a3c kafka-server
    ab94b2013089199365a075c9ae59ecb91430902aaf4ccfc20277b87d886f45e4 kafka-server-common
    4d43765bdcaae66d6ab73ff5ce6ebdfeb86c710ee35e64dc0100293de9ad6895 kafka-share-coordinator
    e60cbcc1d44b77c914f25da5a88faa48712ace6a7691100fba1739337df4f404 kafka-storage
    1712b7ec5e31d5126ae5268acbdfae47d0c59793ebc27839117ebdc031335daf kafka-transaction-coordinator
    fba6da72afd46f708149f6345111354644dc7b28e7adc31f0ee800930d8dbe5b kafka_2.13
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
    0de0471a4c7a9e734c166822a26a4bb064eb81cb2c7a8b1345912cad78997a7b kafka_2.13
    """,
    "4.1.1": """
    00247122a572c3d3ae4eb60a50192a5811bc0181f51923d13018600f892e821d kafka-clients
    3eb5a673b69d5992cfa86c5436f39adbf4ce284046a4c999ec6af0a8e31c5589 kafka-group-coordinator
    3d1801d2329dcf7d273796a034d61e6c7e0f851f384d0afbdd3a2e6cbd17a968 kafka-group-coordinator-api
    4810c93d93d1935dd54de61c5ba130f501c7fe11bc49ccd3ee05ec857818a72a kafka-raft
    9f6aff422855491aad54326eca8d604163d6d3a6507cc48ffe3ce6de73caf79a kafka-server
    207edecd8322cf6c13d76d84addea7fd0ec441dc8d698cf69df43210ccdc0a94 kafka-server-common
    e6bec53428c77bf6579321836d482542a93575f7c08e860a26c9f2c7f6059dac kafka-share-coordinator
    1f85b82853eaec0143efbef7e3a4d4be8929ff83a386326431e0c2d0a557e58c kafka-storage
    a261b5730ac9e3205df7af5d45180d851e9d5f729ce1275c67511a6f51f73755 kafka-transaction-coordinator
    e89428126cc7630a802123ba27aac4442816840b66d60670226feaff65f24fd1 kafka_2.13
    """,
    "4.1.2": """
    afe861c05067f4018a3148d73c1ed1e5fc90808757c15b043527d7e535a5d431 kafka-clients
    1925a002ef7c527b72a0877ed0d9f3a5f88a08d130d1ed2bdfcc40457ded354b kafka-group-coordinator
    781f932fb3e3824420e7554ef745b57e1827dd801cfc71bf8fd31eef56e60638 kafka-group-coordinator-api
    01f6717d07472b577a1cfe1cdf4d098b14a1dae4e35574164712801bd2a55cce kafka-raft
    2b849f1c9d3d9a08a5ea4c2f0479c552592cd770d72263d8d1610701a9b3e8d4 kafka-server
    0f1d8fb9478ca0e3eea23b81064749738b9bff705704067e2fe8d62047e5fc07 kafka-server-common
    fffacfaa46e7f25696f673035f86669422ae81889dfd28d8fec29500ee888310 kafka-share-coordinator
    902a08f775a9957e1546ecec8e22fbda73b84be9dfbdf04cce7a023dd60bf8b9 kafka-storage
    20939d46e1e65a34d6a59b447f0a5e63721678abbfdc948a5f9422930d71612c kafka-transaction-coordinator
    965af2d9c19be0c169110eb18468a0bee24e24d14071a57c7f8a57bc4d3f990e kafka_2.13
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
# Kafka 3.8.0 asks it for the levels of compression.
_ZSTD = Jar(
    "com.github.luben",
    "zstd-jni",
    "1.5.6-4",
    "793ca8734aa15687e7e64564eab8b6ae9ee2720eae27aa663074682144b1c386",
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
    if version.startswith("4.3."):
        return (_SLF4J, _VALIDATOR)
    return (_SLF4J, _SCALA, _ZSTD) if version == "3.8.0" else (_SLF4J, _SCALA)


KAFKA_JARS = {version: _kafka_jars(version) + _library_jars(version) for version in _SUMS}
