"""Comparisons as text: for terminals, Markdown, spreadsheets and programs."""
