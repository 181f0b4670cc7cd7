"""What a page asks to have noted down."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tuner.records.notes import Notes, TrialNote, View


class NoteChange(BaseModel):
    """A note on one trial (by name), or all views that there shall be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trial: str | None = None
    note: TrialNote = TrialNote()
    views: tuple[View, ...] | None = Field(None, max_length=200)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.trial is None) == (self.views is None):
            raise ValueError("give either a trial with its note, or the views")
        return self

    def applied_to(self, notes: Notes) -> Notes:
        """The notes with this change."""
        if self.trial is not None:
            return notes.with_trial(self.trial, self.note)
        return notes.with_views(self.views or ())
