"""The commands of `strimzi-gitops`, one file each, under the name that they are called by."""
