"""What can be said about studies, computed once from their records.

Metrics are known only by their descriptions (`tuner.objectives.metric`), never by their names.

Reading: load (studies named on the command line), snapshot (a consistent view of a study), labels
(names that tell studies apart), lookup (trials by name), settings (the values of a trial's config).

Computing: metrics (the summary of a curve), summaries (of all metrics of a trial), baselines (what
trials are compared with), rows (a trial, or a baseline, as a row), reference (differences from a
reference trial), ranking (the order of trials), comparison (all rows, ranked), repeats (the best
trials with other seeds), utilization (how busy the workers were), importance (which settings
matter), pareto (which trials no other dominates).

Showing: values (numbers as text), columns and cells, tables (which columns there are, for programs
and for people), formats (terminal, Markdown, CSV, JSON), outcome and summary (what a run prints
when it ends), program and commands (what to do next), writing.
"""
