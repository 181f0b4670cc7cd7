"""What is said of study files that are wrong: each line names file, key, value and rule."""

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from sr_models.errors import UserError
from sr_models.losses import LossConfig
from tests.tuner.config.step4 import STUDY, messages
from tuner.config import load_study
from tuner.trackers import TRACKERS


def one_of(members: Iterable[type[BaseModel]]) -> str:
    """The rule for a `type`: a new member of the union joins it."""
    *others, last = (member.model_fields["type"].default for member in members)
    return f"must be {', '.join(others)} or {last}"


LOSS = one_of(get_args(get_args(LossConfig)[0]))
TRACKER = one_of(TRACKERS)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        # Ranges and choices
        (
            "search.optimizer.learning_rate.low=0.1",
            "search.optimizer.learning_rate.low = 0.1: must be less than high (0.02)",
        ),
        (
            "search.optimizer.learning_rate.low=0",
            "search.optimizer.learning_rate.low = 0: must be above 0 with log: true",
        ),
        (
            "search.optimizer.learning_rate.step=0.001",
            "search.optimizer.learning_rate.step = 0.001: cannot be used with log: true",
        ),
        (
            "search.network.depth={low: 1, high: 3, step: 5}",
            "search.network.depth.step = 5: must be above 0 and at most high - low (2)",
        ),
        ("search.network.depth={low: 1}", "search.network.depth.high: is missing"),
        (
            "search.network.depth={low: 1, high: .inf}",
            "search.network.depth.high = .inf: must be a finite number",
        ),
        (
            "search.network.depth={low: one, high: 3}",
            "search.network.depth.low = one: must be a number",
        ),
        (
            "search.network.depth={low: '1', high: 3}",
            "search.network.depth.low = '1': must be a number; leave out the quotes",
        ),
        (
            "search.network.depth={low: 1.0, high: 3}",
            "search.network.depth.low = 1.0: must be a whole number; write 1",
        ),
        (
            "search.typo=null",
            "--set search.typo=null: typo is not searched (there is loss.type, "
            "optimizer.learning_rate, optimizer.betas and network.dilations)",
        ),
        (
            "search.optimizer.beta=null",
            "--set search.optimizer.beta=null: optimizer.beta is not searched; did you mean "
            "optimizer.betas?",
        ),
        (
            "baselines.AS-2=null",
            "--set baselines.AS-2=null: AS-2 is not a baseline; did you mean AS-24?",
        ),
        (
            "search.network.depth={choices: [1, 2]}",
            "search.network.depth.choices = [1, 2]: unknown key; did you mean choice?",
        ),
        (
            "search.network.depth={low: 1, choice: [1, 2]}",
            "search.network.depth = {low: 1, choice: [1, 2]}: takes low and high, or choice, "
            "but not both",
        ),
        (
            "search.network.depth={choice: []}",
            "search.network.depth.choice = []: needs at least 1 item",
        ),
        (
            "search.network.depth={choice: [1, 2, 1.0]}",
            "search.network.depth.choice.2 = 1.0: is listed twice",
        ),
        (
            "search.network.depth={choice: [1, .nan]}",
            "search.network.depth.choice.1 = .nan: must not be or contain NaN",
        ),
        (
            "search.network.depth=[1, 2]",
            "search.network.depth = [1, 2]: must be {low: ..., high: ...} or {choice: [...]}",
        ),
        (
            "search={optimizer: {learning_rate: {low: 0.1, high: 1}}}",
            "search.optimizer = {learning_rate: {low: 0.1, high: 1}}: write a key with dots, "
            "such as optimizer.learning_rate: ...",
        ),
        # Against the objective
        (
            "search.optimiser.learning_rate={low: 0.1, high: 1}",
            "search.optimiser.learning_rate: the objective has no optimiser; did you mean "
            "optimizer.learning_rate?",
        ),
        (
            "search.learning_rate={low: 0.1, high: 1}",
            "search.learning_rate: the objective has no learning_rate; did you mean "
            "optimizer.learning_rate?",
        ),
        (
            "search.optimizer.lr={low: 0.1, high: 1}",
            "search.optimizer.lr: the objective has no optimizer.lr (there is learning_rate, "
            "betas, epsilon, type, weight_decay, code and args)",
        ),
        (
            "search.network.channels={low: 0, high: 64}",
            "search.network.channels.low = 0: must be at least 1",
        ),
        (
            "search.network.channels={low: 8, high: 5000}",
            "search.network.channels.high = 5000: must be at most 1024",
        ),
        (
            "search.network.channels={low: 8, high: 64.5}",
            "search.network.channels.high = 64.5: must be a whole number",
        ),
        (
            "search.network.channels={choice: [8, '16']}",
            "search.network.channels.choice.1 = '16': must be a whole number; leave out the quotes",
        ),
        (
            "search.loss.type.choice.1=maee",
            f"search.loss.type.choice.1 = maee: {LOSS}; did you mean mae?",
        ),
        (
            "search.optimizer.betas.choice.1=[0.9]",
            "search.optimizer.betas.choice.1 = [0.9]: needs at least 2 items",
        ),
        (
            "search.optimizer.betas.choice.1=[0.9, 1.5]",
            "search.optimizer.betas.choice.1 = [0.9, 1.5]: must be less than 1",
        ),
        (
            "search.lr_schedule={choice: [{type: constant}, {type: constant, warmup_epochs: 0}]}",
            "search.lr_schedule.choice.1 = {type: constant, warmup_epochs: 0}: means the same as "
            "{type: constant}",
        ),
        # Conditions
        (
            "search.loss.epsilon={low: 0.1, high: 0.9}",
            "search.loss.epsilon: type mae has no such key; add when: {loss.type: charbonnier}",
        ),
        (
            "search.loss.epsilon={low: 0.1, high: 0.9, when: {loss.type: charbonier}}",
            "search.loss.epsilon.when.loss.type = charbonier: search.loss.type only takes mse, "
            "mae or charbonnier; did you mean charbonnier?",
        ),
        (
            "search.loss.epsilon={low: 0.1, high: 0.9, when: {los.type: charbonnier}}",
            "search.loss.epsilon.when.los.type = charbonnier: the objective has no los; did you "
            "mean loss.type?",
        ),
        (
            "search.network.dilations.when.network.block=dilatd",
            "search.network.dilations.when.network.block = dilatd: must be conv, residual or "
            "dilated; did you mean dilated?",
        ),
        (
            "search.network.depth={low: 1, high: 2, when: {optimizer.learning_rate: 0.001}}",
            "search.network.depth.when.optimizer.learning_rate = 0.001: "
            "search.optimizer.learning_rate has infinitely many values; a condition needs a "
            "choice or a step",
        ),
        (
            "search.loss.type.when={loss.type: mae}",
            "search.loss.type.when.loss.type = mae: a dimension cannot depend on itself",
        ),
        (
            "search.optimizer={choice: [{type: adam}]}",
            "search.optimizer.learning_rate: lies inside search.optimizer; search one of the two\n"
            "search.optimizer.betas: lies inside search.optimizer; search one of the two",
        ),
        # Other sections
        (
            "objective.optimizer.learning_rate=0",
            "objective.optimizer.learning_rate = 0: must be greater than 0",
        ),
        (
            "objective.training.max_epochs=1.5",
            "objective.training.max_epochs = 1.5: must be a whole number",
        ),
        (
            "objective.training.max_epochs=true",
            "objective.training.max_epochs = true: must be a whole number",
        ),
        (
            "objective.network.channels='8'",
            "objective.network.channels = '8': must be a whole number; leave out the quotes",
        ),
        (
            "objective.network.channels=eight",
            "objective.network.channels = eight: must be a whole number",
        ),
        (
            "objective.loss.type='true'",
            f"objective.loss.type = 'true': {LOSS}",
        ),
        (
            "objective.loss.type=' mae'",
            f"objective.loss.type = ' mae': {LOSS}; did you mean mae?",
        ),
        (
            "objective.loss.type=''",
            f"objective.loss.type = '': {LOSS}",
        ),
        ("budget.trials=3e0", "budget.trials = 3.0: must be a whole number; write 3"),
        (
            "budget.wall_clock=99999999999d",
            "budget.wall_clock = 99999999999d: must be at most 36500d",
        ),
        ("budget.wall_clock=.inf", "budget.wall_clock = .inf: must be at most 36500d"),
        ("budget.wall_clock=.nan", "budget.wall_clock = .nan: must be a finite number"),
        ("budget.wall_clock=0", "budget.wall_clock = 0: must be greater than 0"),
        (
            f"budget.wall_clock={'9' * 30}",
            f"budget.wall_clock = {'9' * 30}: must be at most 36500d",
        ),
        (
            "objective.network.features.frozen=yes",
            "objective.network.features.frozen = yes: type none has no such key, only vgg16",
        ),
        (
            "objective.loss=mae",
            "objective.loss = mae: must be a section (key: value); write {type: mae}",
        ),
        (
            "objective.loss={}",
            f"objective.loss.type: is missing; {LOSS}",
        ),
        (
            "objective.data.source={type: folder, pth: photos}",
            "objective.data.source.pth = photos: unknown key; did you mean path?",
        ),
        ("objective.data.source={type: folder}", "objective.data.source.path: is missing"),
        (
            "objective.type=surogate",
            "objective.type = surogate: must be super_resolution, surrogate, analytic or command; "
            "did you mean surrogate?",
        ),
        ("objective=5", "objective = 5: must be a section (key: value)"),
        ("study=007", "study = 7: must be text; put it in quotes"),
        (
            "study=a/b",
            "study = a/b: a name starts with a letter or digit, has only letters, digits, _, . "
            "and - (it is also the name of a folder) and at most 100 bytes",
        ),
        (
            "budget.wall_clock=half an hour",
            "budget.wall_clock = half an hour: must be a duration such as 45s, 30m, 1h30m, or a "
            "number of seconds",
        ),
        ("budget={}", "budget = {}: needs trials, wall_clock, or both"),
        ("workers=0", "workers = 0: must be at least 1"),
        (
            "constraints.parameters={min: 2, max: 1}",
            "constraints.parameters.min = 2: must be at most max (1)",
        ),
        (
            "trackers=[mlfow]",
            f"trackers.0 = mlfow: {TRACKER}; did you mean mlflow?",
        ),
        # Baselines
        (
            "baselines.AS-24.set.loss.type=msee",
            f"baselines.AS-24.set.loss.type = msee: {LOSS}; did you mean mse?",
        ),
        (
            "baselines.AS-24.set.training.epochs=5",
            "baselines.AS-24.set.training.epochs: the objective has no training.epochs; did you "
            "mean training.max_epochs?",
        ),
        (
            "baselines.AS-24.set.network.dilations=[1]",
            "baselines.AS-24: objective.network: dilations [1] need block: dilated, not block: "
            "residual (in a search: `when: {network.block: dilated}`)",
        ),
        (
            "baselines.AS-24.reported.validation/psnr=good",
            "baselines.AS-24.reported.validation/psnr = good: must be a number",
        ),
        ("baselines.best={}", "baselines.best: this name is reserved; choose another"),
        ("baselines.as-24={}", "baselines.as-24: differs from AS-24 only in upper and lower case"),
        # Between the sections
        (
            "metric=validation/pnsr",
            "metric = validation/pnsr: objective super_resolution has no such metric; did you "
            "mean validation/psnr?",
        ),
        (
            "constraints.parmeters.max=5",
            "constraints.parmeters: no metric of this name is known before training; did you mean "
            "parameters?",
        ),
        (
            "constraints.validation/psnr.min=25",
            "constraints.validation/psnr: no metric of this name is known before training (there "
            "is parameters)",
        ),
        (
            "metric=[parameters, validation/psnr]",
            "metric = [parameters, validation/psnr]: parameters is known before training; name "
            "the metric that trials are ranked by first",
        ),
        (
            "sampler.type=grid",
            "search.optimizer.learning_rate: sampler grid needs a finite space; give it a step "
            "or a choice",
        ),
        # The command line itself
        ("loss.type=mse", "--set loss.type: unknown key; did you mean objective.loss.type?"),
        ("samplr.seed=1", "--set samplr.seed: unknown key; did you mean sampler?"),
        (
            "objective.loss.type",
            "--set objective.loss.type: must be PATH=VALUE, such as "
            "--set objective.training.max_epochs=5",
        ),
        (
            "objective.loss={type: mae",
            "--set objective.loss: line 1, column 11: not valid YAML: expected ',' or '}', but "
            "got '<stream end>'",
        ),
    ],
)
def test_one_mistake_is_one_clear_message(tmp_path: Path, override: str, expected: str) -> None:
    assert "\n".join(messages(tmp_path, STUDY, override)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the file is empty; a study needs at least an objective"),
        ("# only a comment", "the file is empty; a study needs at least an objective"),
        ("- a", "must hold sections, such as `objective: ...`, and `search: ...`"),
        (
            "command: [python, --lr={lr}]",
            "line 1, column 24: not valid YAML: expected ',' or ']', but got '{'; put text with "
            "braces in quotes",
        ),
        ("a: b: c", "line 1, column 5: not valid YAML: mapping values are not allowed here"),
        (
            "objective:\n\tloss: {}",
            "line 2, column 1: not valid YAML: found character '\\t' that cannot start any "
            "token; indent with spaces, not tabs",
        ),
        (
            "study: a\nbudget: {trials: 1, trials: 2}",
            "line 2, column 21: not valid YAML: the key trials appears twice",
        ),
        ("study: a\nstudy: b", "line 2, column 1: not valid YAML: the key study appears twice"),
        (
            "? [a]\n: b",
            "line 1, column 3: not valid YAML: a key must be a word, not a list or a section",
        ),
        (
            "a: 1\n---\nb: 2",
            "line 2, column 1: not valid YAML: expected a single document in the stream, but "
            "found another document",
        ),
        (
            "a: !!python/object:os.system {}",
            "line 1, column 4: not valid YAML: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object:os.system'",
        ),
        ("a: &a [*a]", "not valid YAML: nested too deeply"),
        ("a: " + "[" * 5000, "not valid YAML: nested too deeply"),
        ("a: !!binary aGk=", "not valid YAML: a study cannot hold a value of type bytes"),
        ("a: b\x00", "not valid YAML: special characters are not allowed"),
        (b"a: caf\xe9", "line 1: is not UTF-8 text; save the file as UTF-8"),
        ("obective: {}", "obective = {}: unknown key; did you mean objective?"),
        ("loss: {type: mae}", "loss = {type: mae}: unknown key; did you mean objective.loss?"),
    ],
)
def test_what_is_no_study_file(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert messages(tmp_path, text) == [expected]


def test_aliases_that_multiply_are_stopped(tmp_path: Path) -> None:
    levels = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 12))
    assert messages(tmp_path, f"l0: &l0 [x]\n{levels}") == [
        "not valid YAML: more than 100,000 values"
    ]


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    found = messages(
        tmp_path,
        STUDY,
        "objective.training.max_epochs=0",
        "budget.trials=-1",
        "sampler.type=tpee",
        "search.loss.type.choice=5",
    )
    assert [line.split(" = ")[0] for line in found] == [
        "objective.training.max_epochs",
        "search.loss.type.choice",
        "sampler.type",
        "budget.trials",
    ]


def test_a_message_says_that_its_value_is_from_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(STUDY.replace("trials: 16", "trials: -1"))
    with pytest.raises(UserError) as caught:
        load_study(file, ["workers=0"])
    assert str(caught.value) == (
        f"{file}: budget.trials = -1: must be at least 0\n"
        f"{file}: workers = 0: must be at least 1 (from --set)"
    )


def test_no_password_is_repeated(tmp_path: Path) -> None:
    (line,) = messages(tmp_path, STUDY, "trackers=[{type: mlflow, uri: 'http://me:hush@host'}]")
    assert line.startswith("trackers.0.uri = http://***@host: ")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "step4.yaml").write_text(STUDY)
    with pytest.raises(
        UserError, match=r"/step5.yaml: there is no such file; did you mean .*/step4"
    ):
        load_study(tmp_path / "step5.yaml")
    with pytest.raises(UserError, match=r"/nofile.yaml: there is no such file$"):
        load_study(tmp_path / "nofile.yaml")
    with pytest.raises(
        UserError, match=r"is a folder, not a study file; there is step4.yaml in it"
    ):
        load_study(tmp_path)
    (tmp_path / "study.yaml").write_text(STUDY)
    with pytest.raises(UserError, match="continued with --resume"):
        load_study(tmp_path)
    with pytest.raises(UserError, match="there is no such file"):
        load_study(tmp_path / "no" / "such.yaml")
    with pytest.raises(UserError, match="cannot be read"):
        load_study("x" * 5000)
    with pytest.raises(UserError, match="cannot be read"):
        load_study("a\0b")
    (tmp_path / "large.yaml").write_bytes(b"#" * (5 * 2**20))
    with pytest.raises(UserError, match="is larger than 4 MiB"):
        load_study(tmp_path / "large.yaml")
