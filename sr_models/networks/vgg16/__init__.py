"""ImageNet's VGG16 as a feature extractor, for networks and for the perceptual loss."""

from sr_models.networks.vgg16.source import Layer, Weights

__all__ = ["Layer", "Weights"]
