"""Takes out of a study what other tools can use.

choice: which trial. model: its model, as safetensors or ONNX. onnx_file: the ONNX file, and the
proof that it does what the model does. optuna_study: the study as one of Optuna's, optuna_trials:
its trials. tracker: the study in a tracker. command: the command line.
"""

from tuner.export.command import export

__all__ = ["export"]
