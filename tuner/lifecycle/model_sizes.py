"""The sizes of the models in a space, from settings drawn at random."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich.table import Table

from tuner.analysis.values import setting_text
from tuner.config import StudyConfig
from tuner.objectives.protocol import Progress
from tuner.space.draw import draw

SAMPLED = 200
"""Number of settings that are drawn to see which networks a space holds."""
LISTED = 12
"""Number of networks that are all listed; of more, only the smallest and the largest."""
PARAMETERS = "parameters"
_AS_GIVEN = "as the objective section has it"
_NETWORK = "network."
"""The section whose settings alone decide which network is built, if an objective has it."""


@dataclass(frozen=True)
class ModelSizes:
    """The models of a study: a description of each and its number of parameters, smallest first.

    The description is empty if it is not known which settings decide the size.
    """

    found: tuple[tuple[str, float], ...]

    def heading(self) -> str:
        """Return how many networks there are."""
        count = len(self.found)
        if count > LISTED:
            return f"{count} among settings drawn at random; the smallest and the largest:"
        if count == 1:
            return "1, in all settings:"
        if not self.found[0][0]:
            return "the smallest and the largest of settings drawn at random:"
        one_size = len({parameters for _, parameters in self.found}) == 1
        return f"{count}, all of the same size:" if one_size else f"{count}:"

    def table(self) -> Table:
        """Return the networks of each size in a row, or the smallest and the largest of many."""
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold")
        shown = self.found if len(self.found) <= LISTED else (self.found[0], self.found[-1])
        for parameters, alike in groupby(shown, key=lambda model: model[1]):
            table.add_row(f"{parameters:,.0f} {PARAMETERS}", "; ".join(words for words, _ in alike))
        return table


def model_sizes(config: StudyConfig, progress: Progress) -> ModelSizes:
    """Count the parameters of the models of the baselines and of possible proposals.

    Args:
        config: the study; nothing is found if its objective does not count parameters.
        progress: called with how many settings have been looked at.
    """
    space, objective = config.space(), config.objective
    settings = [*(baseline.set for baseline in config.baselines.values()), *draw(space, SAMPLED)]
    named = any(path.startswith(_NETWORK) for params in settings for path in params)
    found: dict[str, float] = {}
    for index, params in enumerate(settings, start=1):
        key = _words(params) if named else str(index)
        if key in found:
            continue
        known = objective.static_metrics(space.build(params))
        if PARAMETERS not in known:
            return ModelSizes(())
        found[key] = known[PARAMETERS]
        progress("counting parameters", index, len(settings))
    if not named:
        ends = sorted({min(found.values()), max(found.values())})
        return ModelSizes(tuple(("" if len(ends) > 1 else _AS_GIVEN, size) for size in ends))
    return ModelSizes(tuple(sorted(found.items(), key=lambda model: model[1])))


def _words(params: Mapping[str, Any]) -> str:
    """The settings of the network: `depth=2 channels=32`."""
    named = {
        path.removeprefix(_NETWORK): value
        for path, value in params.items()
        if path.startswith(_NETWORK)
    }
    set_here = " ".join(f"{name}={setting_text(value, null=True)}" for name, value in named.items())
    return set_here or _AS_GIVEN
