"""Turn Kafka intent under environments/ into proved Kubernetes manifests under rendered/."""

__version__ = "0.1.0"
