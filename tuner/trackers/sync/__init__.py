"""Copying a study to trackers while it runs, in processes of their own."""
