import pytest
import torch

from sr_models.training import OutOfMemoryError
from sr_models.training.out_of_memory import explaining_out_of_memory
from sr_models.training.runtime import Runtime

GPU = Runtime(torch.device("cuda"), bf16=False, channels_last=False)


def test_a_full_gpu_says_what_to_change(make_config):
    config = make_config(training={"batch_size": 64})
    with (
        pytest.raises(OutOfMemoryError) as caught,
        explaining_out_of_memory(config, GPU),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nAnd so on.")
    assert str(caught.value) == (
        "out of GPU memory (cuda, fp32): lower training.batch_size (now 64) or network.channels "
        "(now 4) or data.size (now 8), or set training.precision: bf16; or run fewer trials at "
        "once. CUDA out of memory. Tried to allocate 2.00 GiB."
    )


def test_a_full_main_memory_is_recognised(make_config):
    cpu = Runtime(torch.device("cpu"), bf16=True, channels_last=True)
    with (
        pytest.raises(OutOfMemoryError, match=r"^out of main memory \(cpu, bf16, channels_last\)"),
        explaining_out_of_memory(make_config(), cpu),
    ):
        torch.empty(2**60)


def test_other_errors_pass(make_config):
    with (
        pytest.raises(RuntimeError, match=r"^a bug$"),
        explaining_out_of_memory(make_config(), GPU),
    ):
        raise RuntimeError("a bug")
