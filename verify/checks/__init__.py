"""What is demanded of a live cluster: a file or folder per group; `registry` finds and asks them."""
