import pytest
import torch
from torch import nn

from sr_models.config import TrainingSettings
from sr_models.errors import UserError
from sr_models.training import runtime as precision
from sr_models.training.runtime import choose_runtime, cpu_instructions


@pytest.fixture
def machine(monkeypatch):
    """Pretend to be on another machine."""

    def pretend(*, cpu=(), gpu=False, gpu_bf16=False):
        monkeypatch.setattr(precision, "cpu_instructions", lambda: frozenset(cpu))
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: gpu_bf16)

    return pretend


@pytest.mark.parametrize(
    ("hardware", "chosen"),
    [
        ({"cpu": ["avx2"]}, "cpu, fp32, channels_last"),
        ({"cpu": ["avx512_bf16"]}, "cpu, fp32, channels_last"),
        ({"cpu": ["amx_bf16", "avx512_bf16"]}, "cpu, bf16, channels_last"),
        ({"gpu": True, "gpu_bf16": True}, "cuda, bf16, channels_last"),
        ({"gpu": True, "cpu": ["amx_bf16"]}, "cuda, fp32"),
    ],
)
def test_auto_takes_what_the_hardware_is_fast_in(machine, hardware, chosen):
    machine(**hardware)
    assert str(choose_runtime(TrainingSettings())) == chosen


def test_what_is_set_is_taken(machine):
    machine(cpu=["amx_bf16"], gpu=True, gpu_bf16=True)
    settings = TrainingSettings(device="cpu", precision="fp32", channels_last=False)
    assert str(choose_runtime(settings)) == "cpu, fp32"
    machine(cpu=[])
    assert choose_runtime(TrainingSettings(precision="bf16")).bf16


def test_a_gpu_that_is_not_there_is_the_users_to_mend(machine):
    machine()
    with pytest.raises(UserError, match=r"training\.device: cuda"):
        choose_runtime(TrainingSettings(device="cuda"))


def test_bf16_is_for_networks_and_not_for_weights_or_validation():
    runtime = choose_runtime(TrainingSettings(device="cpu", precision="bf16"))
    network = runtime.place(nn.Conv2d(3, 3, 1))
    images = runtime.images(torch.full((1, 3, 2, 2), 255, dtype=torch.uint8))
    assert network.weight.dtype == images.dtype == torch.float32
    with runtime.autocast():
        assert network(images).dtype == torch.bfloat16
    with runtime.exact.autocast():
        assert network(images).dtype == torch.float32


@pytest.mark.parametrize("channels_last", [True, False])
def test_images_are_scaled_and_laid_out(channels_last):
    runtime = choose_runtime(TrainingSettings(device="cpu", channels_last=channels_last))
    pixels = torch.randint(0, 256, (2, 3, 5, 4), dtype=torch.uint8)
    images = runtime.images(pixels)
    assert torch.equal(images, pixels / 255)
    assert images.is_contiguous(memory_format=torch.channels_last) == channels_last


def test_linux_tells_its_instructions_to_older_pytorch(monkeypatch, tmp_path):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    information = tmp_path / "cpuinfo"
    information.write_text("processor : 0\nflags\t: fpu avx512_bf16 amx_bf16\n")
    monkeypatch.setattr(precision, "CPU_INFORMATION", information)
    assert cpu_instructions.__wrapped__() == {"fpu", "avx512_bf16", "amx_bf16"}
    monkeypatch.setattr(precision, "CPU_INFORMATION", tmp_path / "not_there")
    assert cpu_instructions.__wrapped__() == frozenset()
