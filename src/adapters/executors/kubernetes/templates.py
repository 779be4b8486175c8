"""The templates of a site: one file per service, checked when the scheduler starts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, cast

import yaml
from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from adapters.executors.kubernetes.kinds import Kind, kind_of
from adapters.executors.kubernetes.kinds.base import Document
from adapters.executors.kubernetes.problems import TemplateProblem, UnfitValue
from adapters.executors.kubernetes.quoting import quoted, unmark
from adapters.executors.problems import ConfigurationProblem

SUFFIX = ".yaml"

# The one that is written in C, where there is one: it is ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MISSING = re.compile(r"has no attribute '(\w+)'|^'(\w+)' is undefined")
_NO_ENTRY = re.compile(r"'dict object' has no attribute '(-.*)'$")
"""An option that a template's table of options does not have."""
_PARAMETER_OF = {"source": "src", "destination": "dst"}


class MissingValue(UnfitValue):
    """The template needs a parameter that the task does not have, or lacks an option that it asks for."""


class Templates:
    """What the site's templates make of values. A service exists where its template does."""

    def __init__(self, directory: str) -> None:
        """Read the templates, ``{service}.yaml``; what begins with ``_`` is only for others to include.

        Raises:
            TemplateProblem: one has a fault that shows before values are known.
            ConfigurationProblem: there is no template, or no such directory.
        """
        self.directory = directory
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(directory, followlinks=True),
            undefined=StrictUndefined,
            finalize=quoted,
            auto_reload=False,
        )
        self._templates = {name.removesuffix(SUFFIX): self._compile(name) for name in _files(directory)}
        if not self._templates:
            raise ConfigurationProblem(
                f"DMS_KUBERNETES_TEMPLATES names {directory}, which holds no template such as sync.yaml"
            )

    @property
    def services(self) -> tuple[str, ...]:
        """The services that exist."""
        return tuple(sorted(self._templates))

    def render(self, service: str, values: Mapping[str, object]) -> tuple[Kind, Document]:
        """Return a service's manifest.

        Raises:
            MissingValue: the template uses a parameter that is not given.
            TemplateProblem: whatever else is wrong; :meth:`check` finds most of it at the start.
        """
        template = self._templates[service]
        text = ""
        try:
            text = template.render(values)
            document = unmark(yaml.load(text, Loader=_Loader))
            return kind_of(document), cast("dict[str, Any]", document)
        except UndefinedError as error:
            if missing := _MISSING.search(str(error)):
                name = missing[1] or missing[2]
                raise MissingValue(f"{service} needs the parameter {_PARAMETER_OF.get(name, name)}") from None
            if option := _NO_ENTRY.search(str(error)):
                raise MissingValue(f"{service} does not take the option {option[1]!r}") from None
            raise self._problem(template, error) from None
        except UnfitValue as error:
            before = text.partition(error.near)[0] if error.near else ""
            raise TemplateProblem(template.filename or service, 1 + before.count("\n"), str(error)) from None
        except (TemplateError, yaml.YAMLError, TypeError, ValueError) as error:
            raise self._problem(template, error) from None

    def check(self, sample: Callable[[str], Mapping[str, object]]) -> dict[str, Kind]:
        """Render each with its service's sample values, and return their kinds. Raises :class:`TemplateProblem`."""
        kinds = {}
        for service in self.services:
            try:
                kinds[service], _ = self.render(service, sample(service))
            except MissingValue as error:
                raise self._problem(self._templates[service], error.__context__ or error) from None
        return kinds

    def _compile(self, name: str) -> Template:
        try:
            return self._environment.get_template(name)
        except TemplateSyntaxError as error:
            raise TemplateProblem(error.filename or name, error.lineno, error.message or "syntax error") from None
        except (TemplateError, UnicodeDecodeError, OSError) as error:
            raise TemplateProblem(os.path.join(self.directory, name), 1, str(error)) from None

    def _problem(self, template: Template, error: BaseException) -> TemplateProblem:
        file = template.filename or str(template.name)
        if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
            # Control tags leave their line breaks behind, so lines of the output are those of the template.
            return TemplateProblem(file, error.problem_mark.line + 1, f"{error.problem}, in what it renders")
        if isinstance(error, TemplateSyntaxError):
            return TemplateProblem(error.filename or file, error.lineno, str(error.message))
        found = _line(error.__traceback__, self.directory)
        return TemplateProblem(found[0] if found else file, found[1] if found else 1, " ".join(str(error).split()))


def _files(directory: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        raise ConfigurationProblem(
            f"DMS_KUBERNETES_TEMPLATES names {directory}, which cannot be read: {error.strerror}"
        ) from None
    return [name for name in names if name.endswith(SUFFIX) and not name.startswith(("_", "."))]


def _line(traceback: TracebackType | None, directory: str) -> tuple[str, int] | None:
    """Return the file and line of the innermost template that an error came from."""
    found = None
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file.startswith(os.path.join(directory, "")):
            found = file, traceback.tb_lineno
        traceback = traceback.tb_next
    return found
