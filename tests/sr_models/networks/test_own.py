"""Networks and losses of one's own, by name."""

from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from sr_models import TrainConfig, TrainingRun
from sr_models.errors import CodeError, WeightsError
from sr_models.inference.model_file import load_model
from sr_models.losses import OwnLossConfig, build_loss
from sr_models.networks import OwnNetworkConfig, build_network, count_parameters

PARTS = "tests.sr_models.own_parts"
X = torch.rand(2, 3, 5, 7)


@pytest.mark.parametrize("name", ["Tiny", "Both", "tiny"])
@pytest.mark.parametrize("outputs", [("mid",), ("large",), ("mid", "large")])
def test_it_predicts_what_is_asked_for(name: str, outputs: tuple[str, ...]) -> None:
    config = OwnNetworkConfig.model_validate(
        {"code": f"{PARTS}:{name}", "args": {"width": 6}, "outputs": outputs}
    )
    images = build_network(config)(X)
    sides = {"mid": (10, 14), "large": (20, 28)}
    assert {k: tuple(v.shape[2:]) for k, v in images.items()} == {o: sides[o] for o in outputs}


def test_its_arguments_make_it_and_bicubic_may_be_added() -> None:
    sizes = [
        count_parameters(build_network(OwnNetworkConfig(code=f"{PARTS}:Tiny", args={"width": w})))
        for w in (2, 8)
    ]
    assert sizes[0] < sizes[1]
    torch.manual_seed(0)
    plain = build_network(OwnNetworkConfig(code=f"{PARTS}:Tiny"))(X)
    torch.manual_seed(0)
    added = build_network(OwnNetworkConfig(code=f"{PARTS}:Tiny", skip="bicubic"))(X)
    assert not torch.allclose(plain["mid"], added["mid"])


def test_a_file_is_found_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_network.py").write_text(f"from {PARTS} import Tiny as Net\n")
    monkeypatch.chdir(tmp_path)
    build_network(OwnNetworkConfig(code="my_network.py:Net"))


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("Tiny", {"depth": 3}, r"Tiny cannot be built with args \{'depth': 3\}: .*depth"),
        ("scaleless", {"width": 3}, "scaleless must take scale, or outputs"),
        ("nothing", {}, "nothing returns NoneType, not a torch.nn.Module"),
        ("Tinny", {}, "has no Tinny; did you mean Tiny"),
    ],
)
def test_what_is_no_network_is_told(name: str, args: dict[str, int], message: str) -> None:
    with pytest.raises(CodeError, match=message):
        build_network(OwnNetworkConfig(code=f"{PARTS}:{name}", args=args))


def test_an_image_of_the_wrong_size_is_told() -> None:
    network = build_network(OwnNetworkConfig(code=f"{PARTS}:TooSmall"))
    message = r"TooSmall returns \(2, 3, 5, 7\) at scale 2, not \(2, 3, 10, 14\)"
    with pytest.raises(CodeError, match=message):
        network(X)


def test_the_form_of_the_name_is_checked_without_importing() -> None:
    with pytest.raises(ValidationError, match="must be module:name"):
        OwnNetworkConfig(code="no_colon")
    OwnNetworkConfig(code="no.such.module:Net")


@pytest.mark.parametrize(
    ("name", "args", "value"),
    [("Softened", {"epsilon": 0.0}, 0.5), ("power", {"exponent": 2.0}, 0.25), ("power", {}, 0.25)],
)
def test_a_loss_is_a_class_or_a_function(name: str, args: dict[str, float], value: float) -> None:
    loss = build_loss(OwnLossConfig(code=f"{PARTS}:{name}", args=args))
    zeros = torch.zeros(1, 3, 4, 4)
    assert loss(zeros + 0.5, zeros).item() == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("maps", r"maps returns a tensor of shape \(1, 3, 4, 4\): a loss must be a scalar"),
        ("number", "number returns float: a loss must be a scalar tensor"),
        ("detached", "detached returns a tensor without a gradient: compute it from"),
    ],
)
def test_what_is_no_loss_is_told(name: str, message: str) -> None:
    loss = build_loss(OwnLossConfig(code=f"{PARTS}:{name}"))
    image = torch.zeros(1, 3, 4, 4)
    with pytest.raises(CodeError, match=message):
        loss(image.clone().requires_grad_(), image)


def test_a_loss_that_does_not_take_its_args_is_told_before_it_is_called() -> None:
    message = r"power cannot be called with prediction, target and args .*'sharp'"
    with pytest.raises(CodeError, match=message):
        build_loss(OwnLossConfig(code=f"{PARTS}:power", args={"sharp": 1}))


class TestModelFile:
    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
        config = TrainConfig.model_validate(
            {
                "data": {"size": 8},
                "network": {"type": "own", "code": f"{PARTS}:Tiny", "args": {"width": 5}},
                "loss": {"type": "own", "code": f"{PARTS}:power"},
                "optimizer": {"type": "own", "code": "torch.optim:SGD", "learning_rate": 0.1},
                "training": {"max_epochs": 1},
            }
        )
        list(TrainingRun(config, folder=tmp_path / "model").epochs())
        return tmp_path / "model" / "best.safetensors"

    def test_imports_nothing_that_is_not_allowed(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(WeightsError, match=f"set SR_MODELS_ALLOW={PARTS}:Tiny, or call load_"):
            load_model(file)
        network, described = load_model(file, allow=[f"{PARTS}:Tiny"])
        assert described["network"]["args"] == {"width": 5}
        assert network(X)["large"].shape == (2, 3, 20, 28)
        only, _ = load_model(file, only="mid", allow=[f"{PARTS}:Tiny"])
        assert set(only(X)) == {"mid"}
        monkeypatch.setenv("SR_MODELS_ALLOW", f"other:Net, {PARTS}:Tiny")
        load_model(file)
