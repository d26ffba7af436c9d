"""The commands of `strimzi-verify`, one file each, under the name that they are called by."""
