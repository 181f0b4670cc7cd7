"""The sources of images: a file per source; the union is the registry."""

from typing import Annotated

from pydantic import Field

from sr_models.data.sources.folder import FolderSource
from sr_models.data.sources.listing import ImageFile, Listing, Skipped
from sr_models.data.sources.paired import PairedSource
from sr_models.data.sources.sample import SampleSource
from sr_models.data.sources.voc2007 import Voc2007Source

Source = Annotated[
    SampleSource | Voc2007Source | FolderSource | PairedSource, Field(discriminator="type")
]

__all__ = [
    "FolderSource",
    "ImageFile",
    "Listing",
    "PairedSource",
    "SampleSource",
    "Skipped",
    "Source",
    "Voc2007Source",
]
