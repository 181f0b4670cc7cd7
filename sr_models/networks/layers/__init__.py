"""Parts that networks are made of; `image` and `blocks` import torch, so import them late."""
