"""The R scripts are run where R is there; elsewhere they are held to what they call."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.exports.test_snippets import bare
from tests.guides.pages import FOLDER

SCRIPTS = sorted(file.name for file in FOLDER.glob("*.R"))
RSCRIPT = shutil.which("Rscript")
BASE = {
    *("as.character", "as.numeric", "c", "cat", "commandArgs", "data.frame", "do.call", "for", "function", "if", "ifelse"),
    *("is.na", "is.null", "lapply", "length", "library", "list", "nrow", "options", "paste", "paste0", "print", "rbind"),
    *("return", "setwd", "source", "sprintf", "stop", "substr", "sum", "Sys.getenv", "table", "unique", "unlist"),
}
HTTR2 = {"request", "req_url_path_append", "req_url_query", "req_auth_bearer_token", "req_perform", "resp_body_json"}
THEIRS = {"read_table"}  # of the read.R that lies in the folder of an export


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_it_opens_it_closes_and_what_it_calls_there_is(name: str) -> None:
    """Without R this is no proof that the script runs: it finds what is unclosed, and calls of what is defined nowhere."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    code = re.sub(r"[^()\[\]{}\"']", "", bare(text))
    for _ in range(len(code)):
        code = re.sub(r"\(\)|\[\]|\{\}", "", code)
    assert not code
    kept = bare(text, keep=True)
    called = set(re.findall(r"(?<![\w.$])([\w.]+(?:::[\w.]+)?)\(", kept))
    assert called - set(re.findall(r"(\w+) <- function", kept)) <= BASE | HTTR2 | THEIRS


@pytest.mark.skipif(RSCRIPT is None, reason="R is not on this machine")
@pytest.mark.parametrize("name", SCRIPTS)
def test_r_itself_parses_it(name: str) -> None:
    assert RSCRIPT is not None
    subprocess.run([RSCRIPT, "-e", f"invisible(parse({str(Path(FOLDER / name))!r}))"], check=True)
