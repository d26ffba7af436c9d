"""The whole system as rules see it, read back from the manifests."""
