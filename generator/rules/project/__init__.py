"""Rules of where things stand, and of all environments together."""
