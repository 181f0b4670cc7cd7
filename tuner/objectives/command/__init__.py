"""A script in any framework as an objective: each trial is a process.

config: the objective section of the study file. template: params in arguments and files. process: a
process and all of its children, and how they end. measured: the metrics that it writes to files.
objective: all of these together.
"""

from tuner.objectives.command.objective import CommandObjective
from tuner.objectives.own import OwnObjective

OBJECTIVE = OwnObjective("command", CommandObjective())
