"""Image files: one door by which training, evaluation and enlargement read them."""
