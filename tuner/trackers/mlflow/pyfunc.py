"""The code that MLflow stores beside a model and runs to load it. It must not need `tuner`."""

from typing import Any

from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class SuperResolution(PythonModel):  # type: ignore[misc]
    """A trained network whose input and outputs are NumPy arrays."""

    def load_context(self, context: Any) -> None:
        """Load the network from the safetensors file."""
        from sr_models.inference.model_file import load_model

        network, _ = load_model(context.artifacts["model"])
        self.network = network.eval()

    # MLflow would read type hints here as a schema, besides the signature, and warn of others.
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """Upscale (N, 3, h, w), RGB in [0, 1]; return a dict of `mid` (x2) and `large` (x4)."""
        import torch

        with torch.inference_mode():
            outputs = self.network(torch.as_tensor(model_input, dtype=torch.float32))
        return {name: output.clamp(0, 1).numpy() for name, output in outputs.items()}


set_model(SuperResolution())
