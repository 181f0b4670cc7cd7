"""A change of the notes that a page requests."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tuner.records.notes import Notes, TrialNote, View


class NoteChange(BaseModel):
    """A note on a trial (by name), or all saved views."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trial: str | None = None
    note: TrialNote = TrialNote()
    views: tuple[View, ...] | None = Field(None, max_length=200)

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.trial is None) == (self.views is None):
            raise ValueError("give either a trial with its note, or the views")
        return self

    def applied_to(self, notes: Notes) -> Notes:
        """Return the notes with this change."""
        if self.trial is not None:
            return notes.with_trial(self.trial, self.note)
        return notes.with_views(self.views or ())
