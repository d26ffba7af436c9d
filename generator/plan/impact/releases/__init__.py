"""What hangs on the release of Strimzi alone: versions of the API, fields that are too new, what old ones ask for."""
