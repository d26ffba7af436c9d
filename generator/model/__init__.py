"""A resolved document -> what an environment asks for, in Strimzi's and Kafka's terms; a module or folder per subject."""
