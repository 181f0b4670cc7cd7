"""The things that can be tuned, by the `type` that a study file names."""
