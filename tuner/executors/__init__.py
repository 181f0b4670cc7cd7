"""Executors run the jobs of a study: Ray for real, a simulation for benchmarks and tests."""
