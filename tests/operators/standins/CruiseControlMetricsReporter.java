package com.linkedin.kafka.cruisecontrol.metricsreporter;

/** Stands where Cruise Control's reporter is in Strimzi's images: brokers load it, and it reports nothing. */
public class CruiseControlMetricsReporter extends standin.Silent {}
