"""Parts that networks are made of. Imports torch: reach for it only when building."""
