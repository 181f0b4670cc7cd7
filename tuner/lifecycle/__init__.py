"""A study from its file to its result: create, resume, extend, run, dry run."""
