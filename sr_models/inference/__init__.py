"""Using a trained model: load it, enlarge images with it, score it."""
