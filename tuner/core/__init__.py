"""The study in memory: its trials, what to do next, and what the sampler is told."""
