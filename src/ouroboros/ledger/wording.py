"""Pydantic's findings in plain English, at the line of the file where they stand."""

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ouroboros.ledger.faults import Fault, did_you_mean, did_you_mean_or_list
from ouroboros.ledger.yamlfile import Document

_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of fields",
    "model_type": "a mapping of fields",
}


def faults_of(error: ValidationError, model: type[BaseModel], document: Document) -> list[Fault]:
    """One Fault per finding of a ValidationError raised for a whole file."""
    return [_fault(finding, model, document) for finding in error.errors(include_url=False)]


def _fault(finding: dict[str, Any], model: type[BaseModel], document: Document) -> Fault:
    path = [step for step in finding["loc"]]
    name = next((step for step in reversed(path) if isinstance(step, str)), None)
    place = f"'{name}' " if name else ""
    kind, context, given = finding["type"], finding.get("ctx", {}), finding["input"]
    if kind == "missing":
        path, message = path[:-1], f"lacks the field '{name}'"
    elif kind == "extra_forbidden":
        fields = _fields_at(model, path[:-1])
        message = f"unknown field '{name}'{did_you_mean(name or '', fields)}"
    elif kind == "literal_error":
        options = _options_at(model, path)
        message = f"{place}is {given!r}, which is not allowed{did_you_mean_or_list(str(given), options)}"
    elif kind in _TYPES:
        message = f"{place}must be {_TYPES[kind]}, not {_shown(given)}"
    elif kind in ("less_than_equal", "greater_than_equal"):
        bounds = "between 0 and 1" if _is_probability(model, path) else f"at least {context.get('ge')}"
        message = f"{place}is {given!r}, but must lie {bounds}"
    elif kind == "too_short":
        message = f"{place}must not be empty"
    elif kind == "string_pattern_mismatch":
        message = f"{place}is {given!r}, which does not have the form {context['pattern']}"
    elif kind == "value_error":
        here = place if path and isinstance(path[-1], str) else ""
        message = f"{here}{context['error']}"
    else:
        message = f"{place}{finding['msg'][0].lower()}{finding['msg'][1:]}"
    return Fault(document.name, document.line(path), ident_at(document.data, path), message)


def ident_at(data: Any, path: list[str | int]) -> str | None:
    """Return the id of the innermost record that a path runs through."""
    found = None
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(data, dict) and isinstance(data.get("id"), str):
            found = data["id"]
    return found


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return repr(value)


def _fields_at(model: Any, path: list[str | int]) -> list[str]:
    found = _type_at(model, path)
    return list(found.model_fields) if isinstance(found, type) and issubclass(found, BaseModel) else []


def _options_at(model: Any, path: list[str | int]) -> list[str]:
    found = _type_at(model, path)
    return [str(option) for option in get_args(found)] if get_origin(found) is Literal else []


def _is_probability(model: Any, path: list[str | int]) -> bool:
    return _type_at(model, path) is float


def _type_at(annotation: Any, path: list[str | int]) -> Any:
    """Follow a path through models, tuples and optional fields to the type that stands there."""
    annotation = _bare(annotation)
    for step in path:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if step not in annotation.model_fields:
                return None
            annotation = _bare(annotation.model_fields[str(step)].annotation)
        elif get_origin(annotation) is tuple:
            annotation = _bare(get_args(annotation)[0])
        else:
            return None
    return annotation


def _bare(annotation: Any) -> Any:
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation
