"""Running a study from its file to its result: new or resumed, then confirmed if it asks for that.

This is what the command and the Python API have in common; it neither prints nor exits.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuner.config import StudyConfig, load_study
from tuner.config.load import replaced_sections
from tuner.lifecycle.create import STUDY_FILE, claim, create_study, is_study
from tuner.lifecycle.notes import notes
from tuner.lifecycle.reporter import Reporter
from tuner.lifecycle.resume import ResumeOptions, changes_told, reopen_study, stored_overrides
from tuner.lifecycle.warm_start import check_warm_start
from tuner.records.lock import lock_study

if TYPE_CHECKING:
    from tuner.lifecycle.runner import RunResult
    from tuner.records import Records


@dataclass(frozen=True)
class RunOptions:
    """How a study is run.

    Args:
        overrides: changes of the study file, which later runs keep.
        resume: how an existing study is resumed; None for a new study.
        address: of a Ray cluster; None for this machine.
    """

    overrides: Sequence[str] = ()
    resume: ResumeOptions | None = None
    address: str | None = None


def run_file(
    file: Path, results: Path, name: str | None, options: RunOptions, reporter: Reporter
) -> "RunResult":
    """Run the study of a file, in its folder in `results`; see `run_study`.

    Args:
        file: the study file; to resume a study, also the file in its results folder.
        results: the folder of all studies.
        name: the name of the study's folder there; None for the name that the file gives it.
        options: how it is run.
        reporter: shows the run.

    Raises:
        UserError: as `run_study`, or the file is invalid.
    """
    overrides = [*options.overrides, *named(name)]
    config = load_study(file, overrides)
    folder = results / (name or config.study)
    if options.resume is not None:
        if _is_own_file(file, name):
            folder = file.parent
        else:
            config = load_study(file, [*stored_overrides(folder), *overrides])
    else:
        for line in replaced_sections(file, overrides, config):
            reporter.say(f"note: {line}")
    return run_study(config, folder, options, reporter)


def run_study(
    config: StudyConfig, folder: Path, options: RunOptions, reporter: Reporter
) -> "RunResult":
    """Run a study in its results folder to its end.

    Args:
        config: the study.
        folder: its results folder.
        options: how it is run.
        reporter: shows the run.

    Raises:
        UserError: the folder is taken, or holds no study to resume; or something that the study
            needs is missing.
        WorkFailedError: the disk is full, or Ray cannot be started.
    """
    from tuner.lifecycle.confirm import confirm_best
    from tuner.lifecycle.runner import StudyRunner
    from tuner.trackers.sync.manager import TrackerSync

    TrackerSync(folder, config.trackers).check()
    if options.resume is None:
        for line in check_warm_start(config):
            reporter.say(line)
        for note in notes(config):
            reporter.say(f"note: {note}")
    with _opened(config, folder, options, reporter) as records:
        for change in changes_told(records):
            reporter.say(f"changed: {change}")
        force = options.resume is not None and options.resume.force
        runner = StudyRunner(config, records, reporter, options.address, force)
        result = runner.run()
        if config.confirm is not None and result.succeeded and not result.interrupted:
            result = confirm_best(runner, config.confirm)
        return result


@contextmanager
def _opened(
    config: StudyConfig, folder: Path, options: RunOptions, reporter: Reporter
) -> Iterator["Records"]:
    """The study's records, created or reopened, under its lock."""
    if options.resume is None:
        claim(folder)
        with lock_study(folder), create_study(config, folder, options.overrides) as records:
            yield records
    else:
        with lock_study(folder):
            with reporter.preparing() as progress:
                records = reopen_study(config, folder, options.resume, progress)
            with records:
                yield records


def named(name: str | None) -> list[str]:
    """Return the name of the folder as an override of the file, so that the study has that name."""
    return [] if name is None else [f"study={json.dumps(name)}"]


def _is_own_file(file: Path, name: str | None) -> bool:
    """Whether a file is that of a results folder, which is complete and says where results go."""
    own = file.name == STUDY_FILE and is_study(file.parent)
    return own and name in (None, file.absolute().parent.name)
