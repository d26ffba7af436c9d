"""The command `strimzi-gitops`: one file per command."""
