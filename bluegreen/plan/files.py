"""A rollout file becomes a plan."""

from __future__ import annotations

from pathlib import Path

from bluegreen.errors import UserError
from bluegreen.plan.whole import Plan
from bluegreen.yamlfile import load


def load_plan(path: Path) -> Plan:
    """Read a rollout file. Raises UserError with one line for each problem, the template's file included."""
    return with_template_beside(load(path, Plan), path)


def with_template_beside(plan: Plan, path: Path) -> Plan:
    """The template's path is meant from the rollout file's own folder. Raises UserError when it is not there."""
    plan = _with_page_beside(_with_folder_beside(_with_data_beside(plan, path), path), path)
    template = plan.candidate.template
    if template is None:
        return plan
    file = (path.parent / template.file).resolve()
    if not file.is_file():
        raise UserError(f"{path}: candidate.template.file: there is no file {file}")
    candidate = plan.candidate.model_copy(update={"template": template.model_copy(update={"file": file})})
    return plan.model_copy(update={"candidate": candidate})


def _with_data_beside(plan: Plan, path: Path) -> Plan:
    """The same for the steps of a schema."""
    if plan.data is None:
        return plan
    data = plan.data.beside(path.resolve().parent)
    if wrong := list(data.missing()):
        raise UserError("\n".join(f"{path}: data.{each}" for each in wrong))
    return plan.model_copy(update={"data": data})


def _with_folder_beside(plan: Plan, path: Path) -> Plan:
    """The same for the folder in which the team's own commands run."""
    command = plan.candidate.command
    if command is None:
        return plan
    folder = (path.parent / command.folder).resolve()
    if not folder.is_dir():
        raise UserError(f"{path}: candidate.command.folder: there is no folder {folder}")
    candidate = plan.candidate.model_copy(update={"command": command.model_copy(update={"folder": folder})})
    return plan.model_copy(update={"candidate": candidate})


def _with_page_beside(plan: Plan, path: Path) -> Plan:
    """The same for the fallback's page."""
    return plan if plan.fallback is None else plan.model_copy(update={"fallback": plan.fallback.beside(path)})
