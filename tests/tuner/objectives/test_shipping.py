"""An objective on its way to a worker: a process that has, or has not, the driver's files."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.tuner.processes import ROOT
from tuner.objectives import get_objective
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.loading import own_objective
from tuner.objectives.shipping import ship

WORKER = """
    import pickle, sys
    from pathlib import Path
    from tuner.objectives.protocol import TrialContext
    from tuner.objectives.shipped_files import ROOT, extract
    from tuner.objectives.shipping import unpack

    shipment = pickle.loads(Path("shipment").read_bytes())
    here = extract(shipment.files, lambda: Path("copies")) if shipment.files else ROOT
    objective = unpack(shipment, here)
    assert objective is unpack(shipment, here)
    config = objective.config_type.model_validate({"width": 5})
    trial = Path("trial")
    trial.mkdir(exist_ok=True)
    print([epoch.metrics["width"] for epoch in objective.run(config, TrialContext(trial, 0, 1))])
"""
DRIVER = """
    import pickle, sys
    from pathlib import Path
    from tuner.objectives import get_objective
    from tuner.objectives.loading import own_objective
    from tuner.objectives.shipping import ship

    {code}
    shipment = ship(objective, Path("box").absolute(), {named})
    Path("shipment").write_bytes(pickle.dumps(shipment))
    print(shipment.pickle is not None)
"""
HELPER = "def doubled(x):\n    return 2 * x\n"
CODE = """
    import tuner
    from helper import doubled

    def train(params, trial):
        trial.save({"width": params["width"]})
        yield {"width": doubled(params["width"])}

    class Config(tuner.Config):
        width: int = 1

    class Digits(tuner.Objective):
        config_type = Config

        def train(self, config, trial):
            yield from train(config.model_dump(), trial)
"""


def python(folder: Path, code: str) -> str:
    """What a process of its own prints, that does not share this one's modules."""
    (folder / "run.py").write_text(dedent(code))
    done = subprocess.run(
        [sys.executable, "run.py"],
        cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def driver(folder: Path, code: str, *, cluster: bool = False) -> str:
    (folder / "box").mkdir(exist_ok=True)
    named = "[]" if cluster else "None"
    return python(folder, DRIVER.format(code=dedent(code).replace("\n", "\n    "), named=named))


def worker(folder: Path) -> str:
    return python(folder, WORKER)


WITHOUT_A_NAME = """
    from functools import partial, wraps
    from own_code import train

    def _doubling(function):
        @wraps(function)
        def doubled(params, trial):
            for metrics in function(params, trial):
                yield {"width": 2 * metrics["width"]}
        return doubled

    def _times(params, trial, factor):
        for metrics in train(params, trial):
            yield {"width": factor * metrics["width"]}

    class Times:
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, params, trial):
            return _times(params, trial, self.factor)

    decorated = _doubling(train)
    partly = partial(_times, factor=2)
    instance = Times(2)
    method = Times(2).__call__
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_text(HELPER)
    (tmp_path / "own_code.py").write_text(dedent(CODE))
    return tmp_path


@pytest.mark.parametrize("name", ["train", "Digits"])
class TestOfAFile:
    def test_is_imported_there(self, folder: Path, name: str) -> None:
        code = f"objective = get_objective('own_code.py:{name}', Path.cwd())"
        assert driver(folder, code) == "False"
        assert worker(folder) == "[10.0]"

    @pytest.mark.parametrize("change", ["gone", "edited"])
    def test_comes_along_to_a_machine_without_it(
        self, folder: Path, name: str, change: str
    ) -> None:
        code = f"objective = get_objective('own_code.py:{name}', Path.cwd())"
        assert driver(folder, code, cluster=True) == "False"
        if change == "gone":
            (folder / "own_code.py").unlink()
            (folder / "helper.py").unlink()
        else:
            (folder / "own_code.py").write_text("train = Digits = None\n")
        assert worker(folder) == "[10.0]"


@pytest.mark.parametrize("name", ["train", "Digits"])
class TestOfAScript:
    """Defined in `__main__`, as in a notebook or in a script that runs the search."""

    def test_comes_as_a_pickle(self, folder: Path, name: str) -> None:
        assert driver(folder, f"{dedent(CODE)}\nobjective = own_objective({name})") == "True"
        assert worker(folder) == "[10.0]"

    def test_brings_the_modules_beside_it(self, folder: Path, name: str) -> None:
        code = f"{dedent(CODE)}\nobjective = own_objective({name})"
        assert driver(folder, code, cluster=True) == "True"
        (folder / "helper.py").unlink()
        assert worker(folder) == "[10.0]"


def test_an_instance_brings_its_attributes(folder: Path) -> None:
    code = dedent(CODE).replace("yield from train(", "yield from train({'width': self.width} or ")
    code += "\nd = Digits()\nd.width = 7\nobjective = own_objective(d)"
    assert driver(folder, code) == "True"
    assert worker(folder) == "[14.0]"


@pytest.mark.parametrize("name", ["decorated", "partly", "instance", "method"])
def test_what_its_name_does_not_lead_to_is_the_same_there(folder: Path, name: str) -> None:
    (folder / "others.py").write_text(dedent(WITHOUT_A_NAME))
    code = f"import others\nobjective = own_objective(others.{name})"
    assert driver(folder, code) == "True"
    assert worker(folder) == "[20.0]"


RAISES = """
    def slope(params):
        return params["wide"]

    def train(params, trial):
        yield {"width": slope(params)}

    class Raises(tuner.Objective):
        config_type = Config

        def train(self, config, trial):
            yield {"width": (lambda: slope({}))()}
"""


@pytest.mark.parametrize("name", ["train", "Raises"])
def test_an_error_in_a_script_names_its_file(folder: Path, name: str) -> None:
    code = f"{dedent(CODE)}{dedent(RAISES)}\nobjective = own_objective({name})"
    assert driver(folder, code) == "True"
    caught = f"import traceback\ntry:{WORKER}except KeyError:\n    print(traceback.format_exc())"
    files = re.findall(r'File "([^"]+)", line \d+, in (\S+)', python(folder, caught))
    assert files[-1] == (str(folder / "run.py"), "slope")
    assert not [file for file, _ in files if file.startswith("<")]


def test_what_cannot_be_pickled_is_said_to_be(tmp_path: Path) -> None:
    file = (tmp_path / "open").open("w")

    def train(params: object, trial: object) -> None:
        file.write("x")

    with pytest.raises(ObjectiveError, match=r"__main__:train cannot be sent to a worker: .*"):
        ship(own_objective(train), tmp_path)
    file.close()


def test_ours_needs_no_pickle(tmp_path: Path) -> None:
    assert not list(tmp_path.iterdir())
    ship(get_objective("analytic"), tmp_path, [])
    assert not list(tmp_path.iterdir())
