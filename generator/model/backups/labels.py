"""What everything that works with backups is called, and the labels by which it is found."""

NAME = "kafka-backup"
POD_LABELS = {"app.kubernetes.io/name": NAME}
"""What pods of ours that work with backups carry."""
POD_PEER = {"podSelector": {"matchLabels": POD_LABELS}}
"""All of them as a peer of a NetworkPolicy in their own namespace."""

PREFIX = "backup-"
"""What the names of everything that is rendered for a backup begin with."""

LABEL = "strimzi-gitops/backup"
"""The label that tells to which backup an object belongs."""

DRILL_PREFIX = "drill-"
LABEL_OF_DRILL = "strimzi-gitops/drill"
LABEL_OF_RESTORE = "strimzi-gitops/restore"
LABEL_OF_RESET = "strimzi-gitops/offset-reset"
OUR_LABELS = frozenset({LABEL, LABEL_OF_DRILL, LABEL_OF_RESTORE, LABEL_OF_RESET})
"""One of these is on everything that works with backups."""
