"""The place in a study file that an error of pydantic's is about."""

from collections.abc import Mapping, Sequence

from tuner.space import paths, schema
from tuner.space.paths import MISSING


class Location:
    """A value in plain data, and the specs that are allowed there.

    Pydantic's locations also name the variants of unions on the way; these are not in the data and
    are left out.
    """

    def __init__(self, data: object, spec: schema.Spec) -> None:
        self.parts: list[str] = []
        self.value: object = data
        self.specs: list[schema.Spec] = [spec]
        self.section: object = MISSING
        """The section or list that holds the value."""
        self.section_specs: list[schema.Spec] = []

    def enter(self, location: Sequence[int | str]) -> "Location":
        """Follow a location of pydantic's."""
        for part in map(str, location):
            if paths.child(self.value, part) is not MISSING or self._lacks(part):
                self._step(part)
        return self

    @property
    def path(self) -> str:
        """The dotted path from the start."""
        return ".".join(self.parts)

    @property
    def key(self) -> str:
        """The last part of the path."""
        return self.parts[-1] if self.parts else ""

    def _lacks(self, part: str) -> bool:
        """Whether `part` is a key that is missing."""
        if not isinstance(self.value, Mapping):
            return False
        chosen = self._chosen(self.specs, self.value) or self.specs
        return any(
            part in variant.model_fields for spec in chosen for variant in schema.variants(spec)
        )

    def _step(self, part: str) -> None:
        self.section, self.section_specs = self.value, self.specs
        chosen = self._chosen(self.specs, self.value) or self.specs
        self.specs = [inner for spec in chosen for inner in schema.field_specs(spec, part)]
        self.value = paths.child(self.value, part)
        self.parts.append(part)

    @staticmethod
    def _chosen(specs: Sequence[schema.Spec], data: object) -> list[schema.Spec]:
        return [variant for spec in specs if (variant := schema.variant(spec, data))]

    # The section around it

    @property
    def known_keys(self) -> list[str]:
        """The keys that the section around the value may have."""
        chosen = self._chosen(self.section_specs, self.section)
        candidates = chosen or [
            variant for spec in self.section_specs for variant in schema.variants(spec)
        ]
        return list(dict.fromkeys(key for variant in candidates for key in variant.model_fields))

    @property
    def types(self) -> list[object]:
        """The values of `type` of the value's variants."""
        return [tag for spec in self.specs for tag in schema.all_tags(spec)]

    @property
    def types_with_key(self) -> list[object]:
        """The values of `type` for which the section around it has this key."""
        return [
            tag
            for spec in self.section_specs
            for variant in schema.variants(spec)
            if self.key in variant.model_fields
            for tag in schema.tags(variant)
        ]
