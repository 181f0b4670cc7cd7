"""What every tracker is given of a study and a trial, independent of any tool."""
