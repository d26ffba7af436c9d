package io.strimzi.kafka.metrics.prometheus;

/** Stands where Strimzi's other reporter is in its images. */
public class ServerYammerMetricsReporter implements kafka.metrics.KafkaMetricsReporter {
  @Override
  public void init(kafka.utils.VerifiableProperties properties) {}
}
