"""`strimzi-verify topics`."""

from verify.cli.tables import table_command

command = table_command("topics", "Show topics: live beside desired.")
