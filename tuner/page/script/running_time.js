// When a study ran: pauses between its runs, and what prepares one, are no running time.
const STARTS = ["started", "resumed", "extended", "confirming"];

/**
 * When nothing ran, as tuner/records/elapsed.py has it: [from, to], in seconds since the start, of
 * what came before each run had Ray. A run that was ended while it waited for it counts as nothing.
 */
export function pausesOf(study) {
  const runs = [];
  for (const event of study.events) {
    const time = event.time - study.created;
    if (STARTS.includes(event.kind)) runs.push({ start: time, began: null, last: time });
    const run = runs.at(-1);
    if (event.kind === "searching") run.began ??= time;
    if (run) run.last = Math.max(run.last, time);
  }
  for (const trial of study.trials.values()) {
    for (const ended of trial.epochs.ended) {
      const run = runs.findLast(({ start }) => start < ended);
      if (!run) continue;
      run.last = Math.max(run.last, ended);
      run.trained = true;
    }
  }
  let before = 0;
  return runs.map(({ start, began, last, trained }) => {
    const ran = began !== null || trained;
    const pause = [before, Math.max(before, began ?? start)];
    before = Math.max(pause[1], ran ? last : start);
    return pause;
  });
}

/** Seconds that a study had been running at a time, which is given since its start. */
export function runningTime(study, time) {
  const paused = (sum, [from, to]) => sum + Math.max(0, Math.min(time, to) - from);
  return time - study.pauses.reduce(paused, 0);
}
