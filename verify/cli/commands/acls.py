"""`strimzi-verify acls`."""

from verify.cli.tables import table_command

command = table_command("acls", "Show access rules: live beside desired.")
