"""A YAML file a person wrote -> a pydantic model, or one error that names every problem with its line; and back.

Used for rollout files and scenario files alike. YAML 1.2 by ruamel.yaml, which refuses duplicate keys and
keeps the place of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bluegreen.errors import UserError
from bluegreen.possible import instead, keys_at

Model = TypeVar("Model", bound=BaseModel)

WIDTH = 110
"""What fits into so many characters stands on one line, in braces."""


def read_yaml(path: Path) -> Any:
    """The file's content with places kept. Raises UserError when it is missing or is not YAML."""
    try:
        content = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 text") from error
    except MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UserError(f"{path}{line}: is not YAML: {error.problem}") from error
    except YAMLError as error:
        raise UserError(f"{path}: is not YAML: {error}") from error
    except RecursionError:
        raise UserError(f"{path}: is nested too deep") from None
    if not isinstance(content, Mapping):
        raise UserError(f"{path}: must hold keys and values, like `service:`")
    return content


def read_inline(text: str, where: str) -> Any:
    """A value in YAML inside of another file, as plain mappings, lists and scalars. Raises UserError, with `where`."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        problem = getattr(error, "problem", None) or error
        raise UserError(f"{where}: is not YAML: {problem}") from error
    except RecursionError:
        raise UserError(f"{where}: is nested too deep") from None


def load(path: Path, model: type[Model]) -> Model:
    """Read and check a file. Raises UserError with one line for each problem."""
    return check(read_yaml(path), model, path)


def check(content: Any, model: type[Model], path: Path) -> Model:
    """Check content that `read_yaml` read. Raises UserError with one line for each problem."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [_problem(details, content, path, model) for details in error.errors()]
        raise UserError("\n".join(sorted(dict.fromkeys(problems), key=_line_of))) from error


def write_yaml(content: Mapping[str, Any]) -> str:
    """Plain content (mappings, sequences, text, numbers) as a person would write it: the opposite of `read_yaml`."""
    writer, text = YAML(typ="rt"), StringIO()
    writer.width = 10 * WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(_laid_out(content, outermost=True), text)
    return text.getvalue()


def _laid_out(content: Any, *, outermost: bool = False) -> Any:
    """With short mappings and lists on one line each."""
    if isinstance(content, Mapping):
        laid: Any = CommentedMap((key, _laid_out(value)) for key, value in content.items())
    elif isinstance(content, list | tuple):
        laid = CommentedSeq(_laid_out(value) for value in content)
    else:
        return content
    flat = not any(isinstance(value, Mapping) and value for value in _inside(content))
    if not outermost and flat and len(str(content)) < WIDTH:
        laid.fa.set_flow_style()
    return laid


def _inside(content: Any) -> Any:
    return content.values() if isinstance(content, Mapping) else content


def _problem(details: ErrorDetails, content: Any, path: Path, model: type[BaseModel]) -> str:
    where, line = place_of(content, details["loc"])
    return f"{path}:{line}: {where or 'the file'}: {_words(details, model)}"


def place_of(content: Any, location: Sequence[int | str]) -> tuple[str, int]:
    """Where something is in content that `read_yaml` read: its key like `gates.2.below` (counted from 1), and its line.
    What is not in the file is placed at the mapping it is missing from."""
    keys, line = _locate(content, location)
    return ".".join(str(key + 1) if isinstance(key, int) else key for key in keys), line


def _words(details: ErrorDetails, model: type[BaseModel]) -> str:
    context: Mapping[str, Any] = details.get("ctx") or {}
    match details["type"]:
        case "extra_forbidden":
            *place, key = details["loc"]
            return f"unknown key{instead(str(key), keys_at(model, place))}"
        case "missing":
            return f"{details['loc'][-1]} is missing"
        case "union_tag_invalid":
            return f"unknown kind {context['tag']!r}; possible are {context['expected_tags']}"
        case "too_short":
            return f"must have at least {context['min_length']} item that is right"
        case "string_type":
            given = details["input"]
            return f"must be text; write it in quotes: '{given}'" if isinstance(given, int | float) else "must be text"
        case "value_error":
            return str(context["error"])
        case _:
            return _SAID.get(details["type"]) or details["msg"][0].lower() + details["msg"][1:]


_SAID = {
    "union_tag_not_found": "kind is missing",
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "must hold keys and values of its own"),
    **dict.fromkeys(("tuple_type", "list_type"), "must be a list"),
    **dict.fromkeys(("int_parsing", "int_from_float", "int_type"), "must be a whole number"),
}


def _locate(content: Any, location: Sequence[int | str]) -> tuple[list[int | str], int]:
    """The path in the file and the line of a problem. Pydantic's location also holds names of union members,
    which are no keys of the file; a missing key is placed at the mapping it is missing from."""
    keys: list[int | str] = []
    line = 1
    here = content
    for part in location:
        if _has(here, part):
            line = _line(here, part) or line
            here = here[part]
            keys.append(part)
    return keys, line


def _has(here: Any, part: int | str) -> bool:
    if isinstance(here, Mapping):
        return part in here
    return isinstance(here, Sequence) and isinstance(part, int) and part < len(here)


def _line(here: Any, part: int | str) -> int:
    """0: it was put in later, as by a scenario's `change`."""
    lines = here.lc if hasattr(here, "lc") else None
    if lines is None or part not in (lines.data or {}):
        return 0
    place = lines.key(part) if hasattr(here, "keys") else lines.item(part)
    return int(place[0]) + 1


def _line_of(problem: str) -> int:
    return int(problem.split(":")[1])
