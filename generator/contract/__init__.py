"""What is rendered for strimzi-verify and read by it: written once, as both sides import it."""
