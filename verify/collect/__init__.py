"""Who asks: everything that talks to a cluster or a storage. Questions in, plain data out."""
