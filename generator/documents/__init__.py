"""YAML text <-> plain data with the places of its values; manifests, and files of rendered/."""
