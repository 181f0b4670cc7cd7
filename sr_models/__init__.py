"""Train and use one super-resolution model, without Ray or Optuna."""
