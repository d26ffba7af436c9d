import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/**
 * Prints as JSON which settings the Kafka on the class path knows and what each of them takes.
 *
 * <p>It is compiled against one Kafka and runs on all; what differs between releases is looked up by
 * name.
 */
public final class KafkaConfigModel {
    private static final String LOG_CONFIG = "org.apache.kafka.storage.internals.log.LogConfig";
    private static final String BROKER_CONFIG =
            "org.apache.kafka.server.config.AbstractKafkaConfig";
    private static final String SYNONYMS =
            "org.apache.kafka.server.config.ServerTopicConfigSynonyms";
    private static final Map<String, String> CLIENTS = Map.of(
            "admin", "org.apache.kafka.clients.admin.AdminClientConfig",
            "consumer", "org.apache.kafka.clients.consumer.ConsumerConfig",
            "producer", "org.apache.kafka.clients.producer.ProducerConfig");
    private static final Pattern LIST_OF_WORDS = Pattern.compile("\\[(\\w+(?:, \\w+)*)]");
    private static final String NO_VALUE = "no value of any setting";

    private KafkaConfigModel() {
    }

    public static void main(String[] arguments) throws ReflectiveOperationException {
        Map<String, Object> printed = new TreeMap<>();
        for (Map.Entry<String, ConfigDef> table : tables().entrySet()) {
            Map<String, ConfigKey> keys = table.getValue().configKeys();
            Map<String, Object> entries = new TreeMap<>();
            for (ConfigKey key : keys.values()) {
                entries.put(key.name, entry(key));
            }
            printed.put(table.getKey(), entries);
        }
        addSynonyms(entries(printed, "topic"));
        addUpdateModes(entries(printed, "broker"));
        System.out.println(json(printed));
    }

    private static Map<String, ConfigDef> tables() throws ReflectiveOperationException {
        Map<String, ConfigDef> tables = new TreeMap<>();
        tables.put("topic",
                (ConfigDef) Class.forName(LOG_CONFIG).getMethod("configDefCopy").invoke(null));
        tables.put("broker", brokerConfig());
        for (Map.Entry<String, String> client : CLIENTS.entrySet()) {
            Class<?> config = Class.forName(client.getValue());
            tables.put(client.getKey(), (ConfigDef) config.getMethod("configDef").invoke(null));
        }
        return tables;
    }

    private static ConfigDef brokerConfig() throws ReflectiveOperationException {
        try {
            return (ConfigDef) Class.forName(BROKER_CONFIG).getField("CONFIG_DEF").get(null);
        } catch (ClassNotFoundException before39) {
            return (ConfigDef) ofScala("kafka.server.KafkaConfig", "configDef", ConfigDef.class);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> entries(Map<String, Object> all, String table) {
        return (Map<String, Map<String, Object>>) all.get(table);
    }

    private static Map<String, Object> entry(ConfigKey key) throws ReflectiveOperationException {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("type", key.type.name().toLowerCase(Locale.ROOT));
        if (key.hasDefault()) {
            entry.put("default", key.defaultValue);
        } else {
            entry.put("required", true);
        }
        if (key.validator != null) {
            addValidator(entry, key);
        }
        entry.put("importance", key.importance.name().toLowerCase(Locale.ROOT));
        if (key.internalConfig) {
            entry.put("internal", true);
        }
        return entry;
    }

    private static void addValidator(Map<String, Object> entry, ConfigKey key)
            throws ReflectiveOperationException {
        Validator validator = key.validator;
        switch (validator.getClass().getSimpleName()) {
            case "Range" -> {
                putUnlessNull(entry, "min", field(validator, "min"));
                putUnlessNull(entry, "max", field(validator, "max"));
            }
            case "ValidString" -> entry.put("allowed", field(validator, "validStrings"));
            case "CaseInsensitiveValidString" -> {
                // Kafka keeps them in a set, which has no order of its own, and in upper case.
                Set<?> allowed = (Set<?>) field(validator, "validStrings");
                entry.put("allowed", new TreeSet<>(allowed));
                entry.put("ignore_case", true);
            }
            case "ValidList" -> addListValidator(entry, key);
            case "NonEmptyString" -> entry.put("nonempty", true);
            default -> addUnknownValidator(entry, key);
        }
    }

    private static void addListValidator(Map<String, Object> entry, ConfigKey key)
            throws ReflectiveOperationException {
        List<?> allowed = (List<?>) field(field(key.validator, "validString"), "validStrings");
        if (!allowed.isEmpty()) {
            entry.put("allowed", allowed);
        }
        if (!accepts(key, List.of())) {
            entry.put("nonempty", true);
        }
        Object item = allowed.isEmpty() ? NO_VALUE : allowed.get(0);
        if (!accepts(key, List.of(item, item))) {
            entry.put("unique", true);
        }
    }

    /**
     * Asks a validator of which nothing but its text is known whether it stands for a list of words
     * or for a few numbers; where it does not, the text is all that can be told.
     */
    private static void addUnknownValidator(Map<String, Object> entry, ConfigKey key) {
        var words = LIST_OF_WORDS.matcher(key.validator.toString());
        if (key.type == Type.STRING && words.matches() && !accepts(key, NO_VALUE)) {
            List<String> allowed = List.of(words.group(1).split(", "));
            if (allowed.stream().allMatch(word -> accepts(key, word))) {
                entry.put("allowed", allowed);
                if (allowed.stream().allMatch(word -> accepts(key, swapCase(word)))) {
                    entry.put("ignore_case", true);
                }
                return;
            }
        }
        if (key.type == Type.INT) {
            List<Integer> allowed = IntStream.rangeClosed(-1000, 1000).boxed()
                    .filter(number -> accepts(key, number)).collect(Collectors.toList());
            if (!allowed.isEmpty() && allowed.size() < 100) {
                entry.put("allowed", allowed);
                return;
            }
        }
        entry.put("validator", key.validator.toString());
    }

    private static boolean accepts(ConfigKey key, Object value) {
        try {
            key.validator.ensureValid(key.name, value);
            return true;
        } catch (ConfigException | IllegalArgumentException refused) {
            return false;
        }
    }

    private static String swapCase(String word) {
        String upper = word.toUpperCase(Locale.ROOT);
        return upper.equals(word) ? word.toLowerCase(Locale.ROOT) : upper;
    }

    private static void addSynonyms(Map<String, Map<String, Object>> topic)
            throws ReflectiveOperationException {
        Map<?, ?> all = (Map<?, ?>)
                Class.forName(SYNONYMS).getField("ALL_TOPIC_CONFIG_SYNONYMS").get(null);
        for (Map.Entry<?, ?> entry : all.entrySet()) {
            List<Object> pairs = new ArrayList<>();
            for (Object synonym : (List<?>) entry.getValue()) {
                var type = synonym.getClass();
                @SuppressWarnings("unchecked")
                var converter = (Function<String, String>)
                        type.getMethod("converter").invoke(synonym);
                // Each converter multiplies, so what it makes of 1 is its factor.
                Long factor = Long.valueOf(converter.apply("1"));
                pairs.add(List.of(type.getMethod("name").invoke(synonym), factor));
            }
            topic.get((String) entry.getKey()).put("broker", pairs);
        }
    }

    private static void addUpdateModes(Map<String, Map<String, Object>> broker)
            throws ReflectiveOperationException {
        Map<?, ?> modes = updateModes();
        for (Map.Entry<String, Map<String, Object>> entry : broker.entrySet()) {
            Object mode = modes.get(entry.getKey());
            entry.getValue().put("update", mode == null ? "read-only" : mode);
        }
    }

    private static Map<?, ?> updateModes() throws ReflectiveOperationException {
        String method = "dynamicConfigUpdateModes";
        try {
            return (Map<?, ?>) Class.forName("org.apache.kafka.server.config.DynamicBrokerConfig")
                    .getMethod(method).invoke(null);
        } catch (ClassNotFoundException before43) {
            return (Map<?, ?>) ofScala("kafka.server.DynamicBrokerConfig", method, Map.class);
        }
    }

    /** Asks a Scala object by a handle: reflection would want the types of all its methods. */
    private static Object ofScala(String object, String method, Class<?> result)
            throws ReflectiveOperationException {
        Class<?> type = Class.forName(object + "$");
        try {
            return MethodHandles.lookup().findVirtual(type, method, MethodType.methodType(result))
                    .invoke(type.getField("MODULE$").get(null));
        } catch (ReflectiveOperationException | RuntimeException | Error error) {
            throw error;
        } catch (Throwable error) {
            throw new ReflectiveOperationException(error);
        }
    }

    private static Object field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    private static void putUnlessNull(Map<String, Object> entry, String name, Object value) {
        if (value != null) {
            entry.put(name, value);
        }
    }

    private static String json(Object value) {
        if (value == null || value instanceof Password) {
            return "null";
        }
        if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> json(entry.getKey()) + ": " + json(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Iterable<?> items) {
            List<String> printed = new ArrayList<>();
            items.forEach(item -> printed.add(json(item)));
            return printed.stream().collect(Collectors.joining(", ", "[", "]"));
        }
        String text = value instanceof Class<?> type ? type.getName() : value.toString();
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
