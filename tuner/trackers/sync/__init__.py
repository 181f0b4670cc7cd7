"""Copying a study to trackers while it runs, in separate processes."""
