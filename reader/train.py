"""Trains the reader: on one GPU, or on a few CPU processes that share the work by tickets; stops
by steps or minutes; resumes.
"""

import argparse
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
import torch.multiprocessing as processes
from safetensors.torch import load_file
from torch import Tensor

from reader import mixtures
from reader.ahead import Makers
from reader.batches import Batch
from reader.initial import word_meanings, write_heads
from reader.mixtures import Mixture
from reader.network import Network, Shape, from_llama, shape_of
from reader.optimizer import Optimizer
from reader.tokenizer import load_tokenizer

LAST = "last.pt"


@dataclass(frozen=True)
class Stage:
    """Until this share of the run: a mixture, and how the tokens divide over row lengths."""

    until: float
    mixture: Mixture
    lengths: tuple[tuple[int, float], ...]
    batches: int  # per step


FRESH = (
    Stage(0.05, mixtures.EARLY, ((256, 1.0),), 2),
    Stage(0.20, mixtures.MAIN, ((256, 1.0),), 4),
    Stage(0.45, mixtures.REAL, ((256, 0.4), (512, 0.6)), 6),
    Stage(0.65, mixtures.REAL, ((256, 0.2), (512, 0.6), (1024, 0.2)), 8),
    Stage(0.87, mixtures.REAL, ((256, 0.1), (512, 0.5), (1024, 0.4)), 8),
    Stage(1.01, mixtures.LAST, ((256, 0.1), (512, 0.5), (1024, 0.4)), 8),
)
CONTINUED = (  # for a start from a model that reads already
    Stage(1.01, mixtures.LAST, ((256, 0.15), (512, 0.4), (1024, 0.45)), 8),
)


@dataclass(frozen=True)
class Plan:
    """What one run does; `steps` 0 means that `minutes` decide how far it goes."""

    out: str
    tokenizer: str
    steps: int = 0
    minutes: float = 10.0
    tokens: int = 2048  # of one batch
    seed: int = 0
    workers: int = 1
    makers: int = 0  # processes that make batches ahead, for a GPU with one worker
    matrix_rate: float = 0.006
    adam_rate: float = 0.0012
    warmup: int = 60
    decay: float = 0.55  # the last share of the run, in which the rate falls to nothing
    rest_steps: int = 500
    save_minutes: float = 5.0
    compiled: bool = False
    meanings: bool = True
    pointing: bool = True  # teach one head of two layers where to look; a started model has its own
    start: str = ""  # a model folder whose weights are the starting point


def stage_at(progress: float, plan: Plan) -> Stage:
    return next(stage for stage in (CONTINUED if plan.start else FRESH) if progress < stage.until)


def rate_at(progress: float, step: int, plan: Plan) -> float:
    rate = min(1.0, (step + 1) / plan.warmup) * min(1.0, max(0.02, (1 - progress) / plan.decay))
    after = step - plan.rest_steps - 60
    return rate * (0.7 if after < 0 else min(1.0, 0.7 + 0.3 * after / 150))


class Learner:
    """One process's copy of the network: makes batches by ticket number and adds up their
    gradients.
    """

    def __init__(self, plan: Plan, shape: Shape, masters: dict[str, Tensor]) -> None:
        self.plan, self.masters = plan, masters
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.network = Network(shape).bfloat16().to(self.device)
        for length in (256, 512, 1024):  # made before compiling, or each would be compiled twice
            self.network.rotations(length, self.network.norm.data)
        self.call = torch.compile(self.network, dynamic=False) if plan.compiled else self.network
        self.makers = Makers(plan.tokenizer, plan.makers)
        self.parameters = dict(self.network.named_parameters())
        self.tally = torch.zeros(
            5, dtype=torch.float64
        )  # answer loss, answers, other loss, others, pointing loss
        self.load()

    @torch.no_grad()
    def load(self) -> None:
        for name, parameter in self.parameters.items():
            parameter.copy_(self.masters[name])

    def _wish(self, number: int, stage: Stage) -> tuple:
        """What `Makers` need to know of a batch."""
        shares = [share for _, share in stage.lengths]
        place = ((number * 0.618034) % 1.0) * sum(shares)  # even spread without chance
        length = stage.lengths[-1][0]
        for candidate, share in stage.lengths:
            if place < share:
                length = candidate
                break
            place -= share
        return f"{self.plan.seed}-{number}", stage.mixture, length, self.plan.tokens

    def batch(self, step: int, ticket: int, progress: float) -> Batch:
        """The batch of this ticket; other processes begin the ones after it, if there are any."""
        wishes: list[tuple] = []
        while len(wishes) < max(1, 3 * self.plan.makers) and (progress < 1 or not wishes):
            stage = stage_at(progress, self.plan)
            if ticket < stage.batches:
                wishes.append(self._wish(step * 16 + ticket, stage))
                ticket += 1
            else:
                step, ticket = step + 1, 0
                progress = step / self.plan.steps if self.plan.steps else progress
        batch = self.makers.take(wishes)
        if not self.plan.pointing:
            batch.pointer_weights.zero_()
        return batch

    def learn(self, batch: Batch) -> None:
        loss, each, pointing = self.call(*(tensor.to(self.device) for tensor in batch.tensors()))
        loss.backward()
        each, others = each.cpu(), batch.weights[batch.answers :] > 0
        counts = [
            each[: batch.answers].sum(),
            batch.answers,
            each[batch.answers :][others].sum(),
            others.sum(),
            pointing.cpu(),
        ]
        self.tally += torch.tensor([float(count) for count in counts], dtype=torch.float64)

    def take_gradients(self, into: dict[str, Tensor]) -> None:
        for name, parameter in self.parameters.items():
            if parameter.grad is None:
                into[name].zero_()
            else:
                into[name].copy_(parameter.grad)
                parameter.grad = None


@dataclass(slots=True)
class Shared:
    """What the processes of one run share: weights, gradients, the ticket counter, the state of
    the step.
    """

    masters: dict[str, Tensor]
    gradients: list[dict[str, Tensor]]
    tallies: Tensor
    control: Tensor  # step, progress
    tickets: object
    barrier: object


def _share_out(learner: Learner, shared: Shared, rank: int) -> None:
    """Works through this step's batches; whoever is free takes the next ticket."""
    step, progress = int(shared.control[0]), float(shared.control[1])
    count = stage_at(progress, learner.plan).batches
    while True:
        with shared.tickets.get_lock():
            ticket = shared.tickets.value
            shared.tickets.value += 1
        if ticket >= count:
            break
        learner.learn(learner.batch(step, ticket, progress))
    learner.take_gradients(shared.gradients[rank])
    shared.tallies[rank] = learner.tally
    learner.tally = torch.zeros_like(learner.tally)


def _helper(rank: int, plan: Plan, shape: Shape, shared: Shared) -> None:
    torch.set_num_threads(1)
    learner = Learner(plan, shape, shared.masters)
    while True:
        shared.barrier.wait()
        if shared.control[1] >= 1:
            return
        learner.load()
        _share_out(learner, shared, rank)
        shared.barrier.wait()


class Run:
    """The leading process: owns the optimizer, the clock, the log and the checkpoints."""

    def __init__(self, plan: Plan, shape: Shape, resume: Path | None) -> None:
        self.plan, self.shape, self.out = plan, shape, Path(plan.out)
        self.out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(plan.seed)
        network = Network(shape)
        saved = torch.load(resume, weights_only=True) if resume else None
        if plan.start and saved is None:
            network.load_state_dict(from_llama(load_file(Path(plan.start) / "model.safetensors")))
        elif saved is None:
            tokenizer = load_tokenizer(Path(plan.tokenizer))
            write_heads(network, plan.seed, word_meanings(tokenizer) if plan.meanings else None)
        masters = {name: p.detach().float().clone() for name, p in network.named_parameters()}
        if saved:
            masters = {name: saved["masters"][name].clone() for name in masters}
        device = "cuda" if torch.cuda.is_available() else "cpu"
        masters = {
            name: (m.share_memory_() if plan.workers > 1 else m.to(device))
            for name, m in masters.items()
        }
        self.optimizer = Optimizer(
            masters, plan.matrix_rate, plan.adam_rate, plan.rest_steps, shape.heads
        )
        self.step, self.tokens, self.seconds = 0, 0, 0.0
        if saved:
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.tokens, self.seconds = saved["step"], saved["tokens"], saved["seconds"]
        self.shared = self._shared(masters)

    def _shared(self, masters: dict[str, Tensor]) -> Shared:
        several = self.plan.workers > 1
        context = processes.get_context("spawn")
        gradients = [
            {n: torch.zeros_like(m) for n, m in masters.items()} for _ in range(self.plan.workers)
        ]
        tallies, control = (
            torch.zeros(self.plan.workers, 5, dtype=torch.float64),
            torch.zeros(2, dtype=torch.float64),
        )
        if several:
            for tensor in [tallies, control, *(g for each in gradients for g in each.values())]:
                tensor.share_memory_()
        return Shared(
            masters,
            gradients,
            tallies,
            control,
            context.Value("i", 0),
            context.Barrier(self.plan.workers),
        )

    def progress(self) -> float:
        return (
            self.step / self.plan.steps
            if self.plan.steps
            else self.seconds / (60 * self.plan.minutes)
        )

    def go(self, stop_after: int = 0) -> None:
        """Trains to the end of the plan, or for `stop_after` steps; leaves a checkpoint."""
        context = processes.get_context("spawn")
        helpers = [
            context.Process(target=_helper, args=(r, self.plan, self.shape, self.shared))
            for r in range(1, self.plan.workers)
        ]
        for helper in helpers:
            helper.start()
        learner = Learner(self.plan, self.shape, self.shared.masters)
        saved_at, last_step, tally = (
            self.seconds,
            self.step + stop_after,
            torch.zeros(5, dtype=torch.float64),
        )
        while self.progress() < 1 and not (stop_after and self.step >= last_step):
            began = time.time()
            self._one_step(learner)
            tally += self.shared.tallies.sum(0)
            self.seconds += min(time.time() - began, 60.0)  # a machine put to sleep is not training
            if self.step % 20 == 0:
                self._log(tally)
                tally = torch.zeros_like(tally)
            if self.seconds - saved_at > 60 * self.plan.save_minutes:
                saved_at = self.seconds
                self.save(self.out / LAST)
        self.shared.control[1] = 2
        self.shared.barrier.wait()
        for helper in helpers:
            helper.join()
        self.save(self.out / LAST)

    def _one_step(self, learner: Learner) -> None:
        progress = self.progress()
        self.shared.control[0], self.shared.control[1] = self.step, progress
        self.shared.tickets.value = 0
        self.shared.barrier.wait()
        learner.load()
        _share_out(learner, self.shared, 0)
        self.shared.barrier.wait()
        count = stage_at(progress, self.plan).batches
        total, *others = self.shared.gradients
        for name, gradient in total.items():
            for other in others:
                gradient += other[name]
            gradient /= count
        self.optimizer.step(total, rate_at(progress, self.step, self.plan))
        self.step += 1
        self.tokens += count * self.plan.tokens

    def _log(self, tally: Tensor) -> None:
        answer, answers, other, others, pointing = tally.tolist()
        batches = 20 * stage_at(min(self.progress(), 1.0), self.plan).batches
        line = (
            f"{self.seconds / 60:6.1f} min  step {self.step}  {self.tokens / 1e6:.2f} M tokens  "
            f"{self.tokens / max(self.seconds, 1):.0f}/s  answers {answer / max(answers, 1):.3f}  "
            f"text {other / max(others, 1):.3f}  pointing {pointing / batches:.3f}  "
            f"rate {rate_at(self.progress(), self.step, self.plan):.2f}"
        )
        print(line, flush=True)
        with (self.out / "log.txt").open("a") as file:
            file.write(line + "\n")

    def save(self, path: Path) -> None:
        """Written whole under another name first, so that a cut never leaves half a checkpoint."""
        draft = path.with_suffix(".draft")
        masters = {
            name: master.detach().cpu().clone() for name, master in self.shared.masters.items()
        }
        torch.save(
            {
                "masters": masters,
                "optimizer": self.optimizer.state_dict(),
                "shape": self.shape.as_dict(),
                "plan": asdict(self.plan),
                "step": self.step,
                "tokens": self.tokens,
                "seconds": self.seconds,
            },
            draft,
        )
        draft.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("tokenizer")
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=640)
    defaults = Plan("", "")
    for name, value in asdict(defaults).items():
        if isinstance(value, bool):
            parser.add_argument(
                f"--{name.replace('_', '-')}", action=argparse.BooleanOptionalAction, default=value
            )
        elif name not in ("out", "tokenizer"):
            parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    arguments = vars(parser.parse_args())
    resume = arguments.pop("resume")
    plan = replace(
        defaults, **{name: value for name, value in arguments.items() if name in asdict(defaults)}
    )
    vocabulary = len(load_tokenizer(Path(plan.tokenizer)))
    given = (arguments[name] for name in ("width", "layers", "heads", "hidden"))
    shape = shape_of(Path(plan.start)) if plan.start else Shape(vocabulary, *given)
    if plan.workers > 1:
        torch.set_num_threads(1)
    run = Run(plan, shape, resume)
    print(
        f"{sum(m.numel() for m in run.shared.masters.values()) / 1e6:.2f} M parameters",
        plan,
        flush=True,
    )
    run.go()


if __name__ == "__main__":
    main()
