"""What is demanded of the whole system: a file or folder per subject; `registry` finds and asks them."""
