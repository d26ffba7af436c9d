"""The steps of ours that rendered Jobs take around the engine's."""
