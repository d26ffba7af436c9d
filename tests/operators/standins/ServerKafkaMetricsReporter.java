package io.strimzi.kafka.metrics.prometheus;

/** Stands where Strimzi's reporter is in its images: brokers load it, and it reports nothing. */
public class ServerKafkaMetricsReporter extends standin.Silent {}
