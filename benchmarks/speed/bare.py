"""Bare loops: float tensors that lie on the device already, and the least that trains."""

from collections.abc import Callable

import torch
from speed.cases import BOTH, COMPILED, GRAPH, PLAIN, Case
from torch import Tensor, nn

from sr_models.config import TrainConfig
from sr_models.networks import build_network
from sr_models.training.malloc import keep_freed_memory
from sr_models.training.runtime import Runtime, choose_runtime


class Bare:
    """One of the ways to train that are not ours."""

    def __init__(self, case: Case, way: str, device: str, threads: int, steps: int) -> None:
        torch.set_num_threads(threads)
        config = TrainConfig.model_validate(case.config)
        plain = {"precision": "fp32", "channels_last": False} if way == PLAIN else {}
        settings = config.training.model_copy(update={"device": device, **plain})
        self.runtime = choose_runtime(settings)
        if self.runtime.device.type == "cpu" and way != PLAIN:
            keep_freed_memory()
        self._images = steps * case.batch_size
        self._steps = steps
        self._step = _step(case, config, way, self.runtime)
        for _ in range(3):
            self._step()

    def images_per_second(self) -> float:
        begun = self.runtime.now()
        for _ in range(self._steps):
            self._step()
        return self._images / (self.runtime.now() - begun)


def _step(case: Case, config: TrainConfig, way: str, runtime: Runtime) -> Callable[[], object]:
    network = runtime.place(build_network(config.network))
    on_gpu = runtime.device.type == "cuda"
    optimizer = torch.optim.Adam(network.parameters(), fused=on_gpu, capturable=on_gpu)
    x, mid, large = (_images(case, scale, runtime) for scale in (1, 2, 4))
    loss_of = nn.functional.mse_loss
    forward = torch.compile(network) if way in (COMPILED, BOTH) else network

    def step() -> None:
        with runtime.autocast():
            images = forward(x)
            loss = loss_of(images["mid"], mid) + loss_of(images["large"], large)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return _captured(step) if way in (GRAPH, BOTH) else step


def _images(case: Case, scale: int, runtime: Runtime) -> Tensor:
    shape = (case.batch_size, 3, scale * case.size, scale * case.size)
    return runtime.images(torch.randint(0, 256, shape).to(torch.uint8))


def _captured(step: Callable[[], None]) -> Callable[[], None]:
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay
