"""Reading image files, for training, evaluation and enlargement alike."""
