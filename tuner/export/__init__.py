"""Exporting a study for other tools.

choice: which trial. model: its model, as safetensors or ONNX. onnx_file: the ONNX file, and a test
that it computes what the model does. optuna_study: the study as an Optuna study, optuna_trials: its
trials. tracker: the study in a tracker. command: the command line.
"""

from tuner.export.command import export

__all__ = ["export"]
