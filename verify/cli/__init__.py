"""The command `strimzi-verify`: one file per command."""
