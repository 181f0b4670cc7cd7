"""A survey of a folder of images, in figures and as a picture."""

from sr_models.data.survey.picture import draw_survey
from sr_models.data.survey.survey import Survey, survey_images

__all__ = ["Survey", "draw_survey", "survey_images"]
