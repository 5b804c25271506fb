from collections.abc import Callable

import pytest


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a figure past the capture."""

    def print_line(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}")  # noqa: T201 - the figures are what the command is for

    return print_line
