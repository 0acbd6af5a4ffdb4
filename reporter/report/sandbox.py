"""The sandbox in which templates run."""

from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's immutable sandbox; of facts, only the fields can be reached, no methods."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Whether a template may read an attribute."""
        if isinstance(obj, BaseModel):
            return attr in type(obj).model_fields
        return super().is_safe_attribute(obj, attr, value)
