"""What of a study and a trial every tracker is given, in the words of none."""
