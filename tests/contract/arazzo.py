"""Runs Arazzo 1.0 workflows: the subset our stories use, over HTTP, each step checked by its own criteria."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.contract.test_openapi import OPERATIONS

EXPRESSION = re.compile(r"\{?\$(inputs|steps|response|statusCode)([^}\s]*)\}?")


@dataclass
class Story:
    """One workflow on its way."""

    workflow: dict[str, Any]
    inputs: dict[str, Any]
    caller: Any
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        described = self.workflow.get("inputs", {})
        defaults = {name: told["default"] for name, told in described.get("properties", {}).items() if "default" in told}
        self.inputs = defaults | self.inputs
        missing = set(described.get("required", [])) - set(self.inputs)
        assert not missing, f"{self.workflow['workflowId']} needs {sorted(missing)}"

    def run(self) -> dict[str, Any]:
        """Every step in order; an unmet criterion is an AssertionError that names the step. Returns the story's outputs."""
        for step in self.workflow["steps"]:
            found = self._send(step)
            for criterion in step["successCriteria"]:
                self._check(step["stepId"], criterion["condition"], found)
            self.outputs[step["stepId"]] = {
                name: self._value(expression, found) for name, expression in step.get("outputs", {}).items()
            }
        return {name: self._value(told, None) for name, told in self.workflow.get("outputs", {}).items()}

    def _send(self, step: dict[str, Any]) -> Any:
        method, path, _operation = OPERATIONS[step["operationId"]]
        headers: dict[str, str] = {}
        query: dict[str, Any] = {}
        for parameter in step.get("parameters", []):
            value = self._value(parameter["value"], None)
            match parameter["in"]:
                case "path":
                    path = path.replace("{" + parameter["name"] + "}", str(value))
                case "header":
                    headers[parameter["name"]] = str(value)
                case _:
                    query[parameter["name"]] = value
        body = self._filled(step["requestBody"]["payload"]) if "requestBody" in step else None
        return self.caller.request(method.upper(), path, params=query, headers=headers, json=body)

    def _filled(self, value: Any) -> Any:
        match value:
            case dict():
                return {key: self._filled(inner) for key, inner in value.items()}
            case list():
                return [self._filled(inner) for inner in value]
            case str() if EXPRESSION.fullmatch(value):
                return self._value(value, None)
            case str():
                return EXPRESSION.sub(lambda found: str(self._value(found.group(), None)), value)
            case _:
                return value

    def _value(self, expression: Any, answer: Any) -> Any:
        found = EXPRESSION.fullmatch(expression) if isinstance(expression, str) else None
        if found is None:
            return expression
        source, rest = found.groups()
        match source:
            case "inputs":
                return self.inputs[rest.removeprefix(".")]
            case "steps":
                step, _outputs, name = rest.removeprefix(".").split(".")
                return self.outputs[step][name]
            case "statusCode":
                return answer.status_code
            case _:
                return pointed(answer, rest)

    def _check(self, step: str, condition: str, answer: Any) -> None:
        left, operator, right = condition.split(" ", 2)
        expected = yaml.safe_load(right)
        found = self._value(left, answer)
        holds = found == expected if operator == "==" else found != expected
        assert holds, f"{step}: {condition}, but found {found!r}: {answer.text}"


def pointed(answer: Any, rest: str) -> Any:
    """`.header.ETag` or `.body#/a/0/b` of an answer."""
    if rest.startswith(".header."):
        return answer.headers[rest.removeprefix(".header.")]
    value = answer.json()
    for part in rest.removeprefix(".body#").split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def stories(file: Path) -> dict[str, dict[str, Any]]:
    """The workflows of a file, by id."""
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert told["arazzo"].startswith("1.0")
    return {workflow["workflowId"]: workflow for workflow in told["workflows"]}
