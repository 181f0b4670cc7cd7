"""A script in any framework as an objective: a process for each trial.

config: what the objective section holds. template: params in arguments and files. process: the
process and all that it starts, and how they end. measured: what it has measured, as files tell.
objective: all of it together.
"""

from tuner.objectives.command.objective import CommandObjective
from tuner.objectives.own import OwnObjective

OBJECTIVE = OwnObjective("command", CommandObjective())
