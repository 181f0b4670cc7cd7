"""The study in memory: its trials, what to run next, and what the sampler is told."""
