"""What `verify:` asks for, and what strimzi-verify is told."""
