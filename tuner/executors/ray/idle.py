"""Stands in for a process that the raylet needs to see alive, and ends with it."""

import os
import time

CHECK_EVERY = 1.0  # seconds

if __name__ == "__main__":
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(CHECK_EVERY)
