"""What can be said about studies, computed once from their records.

Metrics are known only by their description (`tuner.objectives.metric`), never by their names.

Reading: load (studies named on the command line), snapshot (one consistent view of a study),
labels (telling studies apart), lookup (trials by name), settings (what a trial was set to),
model_files.
Computing: metrics (what a curve comes down to), baselines (what trials are compared with), rows (a
trial, or a baseline, as a row), reference (what sets a row apart), comparison (all rows, ranked),
confirmed (the best under other seeds), utilization (how busy the workers were), importance (which
settings matter), pareto (which trials no other beats).
Showing: values (numbers as texts), columns, tables (which columns there are, for programs and for
people), formats (terminal, Markdown, CSV, JSON), summary (what a run shows when it ends), commands
(what to do next), writing.
"""
