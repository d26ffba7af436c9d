"""`strimzi-verify groups`."""

from verify.cli.tables import table_command

command = table_command("groups", "Show consumer groups with what they did over --timeout.")
