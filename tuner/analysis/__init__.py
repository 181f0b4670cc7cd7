"""What can be said about studies, computed from their records.

snapshot: one consistent view of a study. metrics: best and last of a curve. comparison: all
trials side by side. best_trial: which trial won. utilization: how busy the workers were.
summary: what is shown when a study ends. formats: comparisons as text.
"""
