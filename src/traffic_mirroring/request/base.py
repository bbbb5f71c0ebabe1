"""
The base class of all objects of a request.

Owns the rules that hold for every object. Must not know any field but `type`.
"""

# Annotations are evaluated at run time here, so they are written as Python 3.9 reads.
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request.values import without_nulls

INVALID = object()
"""The default that a validator uses for an invalid field; an absent field is None."""


def field_names(model: type[BaseModel]) -> list[str]:
    """Return the names of a model's fields as a request has them."""
    return [str(field.alias) for field in model.model_fields.values()]


def kind_of(type_: str) -> str:
    """Return the name of the model that a `type` means: its first letter is free."""
    return type_[:1].upper() + type_[1:]


class Shape(BaseModel):
    """An object of a request: null means absent, and unknown keys are rejected."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    type: str = Field("", description="The kind of this object")

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, value: Any) -> Any:
        return without_nulls(value)

    @field_validator("type", mode="before")
    @classmethod
    def _own_type(cls, value: object) -> str:
        if isinstance(value, str) and kind_of(value) == cls.__name__:
            return cls.__name__
        raise NotAllowed(cls.__name__)
