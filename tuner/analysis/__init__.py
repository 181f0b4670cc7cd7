"""What can be said about studies, computed from their records.

Reading: snapshot (one consistent view of a study), opening (studies named on the command line),
labels (telling studies apart), lookup (trials by name), model_files.
Computing: metrics (best and last of a curve), report_scale, rows (a trial, or bicubic, as a row),
comparison (all rows, ranked, against a reference), confirmed (the best under other seeds),
utilization (how busy the workers were), importance (which settings matter), pareto.
Showing: values and columns (plain_columns for programs, shown_columns for people), cells,
formats (tables, Markdown, CSV, JSON), summary (what a run shows when it ends), commands (what to
do next), writing.
"""
