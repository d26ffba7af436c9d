"""What changes of Connect, MirrorMaker 2 and the bridge do."""
