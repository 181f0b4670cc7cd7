"""Search over settings of super-resolution models with Ray Tune and Optuna."""
