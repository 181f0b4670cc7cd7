"""Parts of networks; `image` and `blocks` import torch, so import them late."""
