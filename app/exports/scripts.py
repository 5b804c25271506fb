"""The text of the scripts that come with an export; `#TABLES#` becomes the list of its tables."""

from typing import Final

PANDAS: Final = '''\
"""Reads this export with pandas (2.2 or newer): import it and call read("couples"), or run it for the size of each table."""
# Tables:
#TABLES#
import json
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RESOURCES = {one["name"]: one for one in json.loads((HERE / "datapackage.json").read_text("utf-8"))["resources"]}


def read(name):
    """A table: where a value is missing it is NA, and the column <name>_missing says why."""
    resource = RESOURCES[name]
    paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
    cells = pd.concat([_cells(resource, HERE / path) for path in paths], ignore_index=True)
    columns = {}
    for field in resource["schema"]["fields"]:
        column, codes = cells[field["name"]], [code["value"] for code in field["missingValues"]]
        missing = column.isin(codes)
        columns[field["name"]] = _typed(column.mask(missing), field, resource["format"])
        if codes:
            why = column.where(missing).str.lstrip(".")
            columns[field["name"] + "_missing"] = why.astype(pd.CategoricalDtype([code.lstrip(".") for code in codes]))
    return pd.DataFrame(columns)


def _cells(resource, path):
    names = [field["name"] for field in resource["schema"]["fields"]]
    if resource["format"] == "csv":
        return pd.read_csv(path, dtype="string", na_filter=False)
    if resource["format"] == "parquet":
        return pd.read_parquet(path, dtype_backend="numpy_nullable")
    with path.open(encoding="utf-8") as lines:
        return pd.DataFrame([json.loads(line) for line in lines], columns=names, dtype="object")


def _typed(column, field, form):
    kind = field["type"]
    if "categories" in field:
        codes = [code["value"] if isinstance(code, dict) else code for code in field["categories"]]
        return column.astype(pd.CategoricalDtype(codes))
    if kind == "integer":
        return pd.to_numeric(column).astype("Int64")
    if kind == "number":
        return pd.to_numeric(column).astype("Float64")
    if kind == "boolean":
        return (column.map({"true": True, "false": False}) if form == "csv" else column).astype("boolean")
    if kind == "date":
        return pd.to_datetime(column).astype("datetime64[us]")
    if kind == "datetime":
        if form != "parquet":
            column = pd.to_datetime(column, format="ISO8601", utc=True)
        return column.astype("datetime64[us, UTC]")
    # In CSV an apostrophe stands before a text that a spreadsheet would run.
    escaped = form == "csv" and field["rekindle:type"] == "text"
    column = column.astype("string")
    return column.str.replace(r"^'", "", regex=True) if escaped else column


if __name__ == "__main__":
    for name in RESOURCES:
        print(name, *read(name).shape)
'''

POLARS: Final = '''\
"""Reads this export with polars (1.20 or newer): import it and call read("couples"), or run it for the size of each table."""
# Tables:
#TABLES#
import json
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve().parent
RESOURCES = {one["name"]: one for one in json.loads((HERE / "datapackage.json").read_text("utf-8"))["resources"]}
PLAIN = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}


def read(name):
    """A table: where a value is missing it is null, and the column <name>_missing says why."""
    resource = RESOURCES[name]
    paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
    cells = pl.concat([_cells(resource, HERE / path) for path in paths])
    columns = []
    for field in resource["schema"]["fields"]:
        column, codes = pl.col(field["name"]), [code["value"] for code in field["missingValues"]]
        missing = column.is_in(codes) if codes else pl.lit(False)
        columns.append(_typed(pl.when(~missing).then(column), field, resource["format"]).alias(field["name"]))
        if codes:
            why = pl.when(missing).then(column).str.strip_chars_start(".")
            columns.append(why.cast(pl.Enum([code.lstrip(".") for code in codes])).alias(field["name"] + "_missing"))
    return cells.select(columns)


def _cells(resource, path):
    fields = resource["schema"]["fields"]
    if resource["format"] == "csv":
        return pl.read_csv(path, infer_schema=False).fill_null("")  # no cell is missing: codes are not blank
    if resource["format"] == "parquet":
        return pl.read_parquet(path)
    schema = {field["name"]: PLAIN.get(field["type"], pl.String) for field in fields}
    return pl.read_ndjson(path, schema=schema) if path.stat().st_size else pl.DataFrame(schema=schema)


def _typed(column, field, form):
    kind = field["type"]
    if "categories" in field:
        codes = [code["value"] if isinstance(code, dict) else code for code in field["categories"]]
        return column.cast(pl.Enum(codes))
    if form == "parquet":
        return column
    if kind == "boolean" and form == "csv":
        return column == "true"
    if kind in PLAIN:
        return column.cast(PLAIN[kind])
    if kind == "date":
        return column.str.to_date("%Y-%m-%d")
    if kind == "datetime":
        return column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us").dt.replace_time_zone("UTC")
    # In CSV an apostrophe stands before a text that a spreadsheet would run.
    escaped = form == "csv" and field["rekindle:type"] == "text"
    return column.str.replace(r"^'", "") if escaped else column


if __name__ == "__main__":
    for name in RESOURCES:
        print(name, *read(name).shape)
'''

R: Final = r"""# Reads this export with R (4.1 or newer) and jsonlite; Parquet takes arrow as well.
# Set `here` to the folder of the export, source this file, and call read_table("couples").
# Tables:
#TABLES#

here <- "."
package <- jsonlite::fromJSON(file.path(here, "datapackage.json"), simplifyVector = FALSE)
resources <- setNames(package$resources, vapply(package$resources, function(one) one$name, ""))

# A table: where a value is missing it is NA, and the column <name>_missing says why.
read_table <- function(name) {
  resource <- resources[[name]]
  cells <- do.call(rbind, lapply(file.path(here, unlist(resource$path)), read_cells, resource = resource))
  columns <- list()
  for (field in resource$schema$fields) {
    column <- cells[[field$name]]
    codes <- vapply(field$missingValues, function(code) code$value, "")
    missing <- column %in% codes
    why <- ifelse(missing, sub("^[.]", "", column), NA_character_)
    column[missing] <- NA
    columns[[field$name]] <- typed(column, field, resource$format)
    if (length(codes) > 0) {
      columns[[paste0(field$name, "_missing")]] <- factor(why, levels = sub("^[.]", "", codes))
    }
  }
  as.data.frame(columns, check.names = FALSE, optional = TRUE, stringsAsFactors = FALSE)
}

read_cells <- function(path, resource) {
  if (resource$format == "csv") {
    return(read.csv(path, colClasses = "character", na.strings = character(0), check.names = FALSE, encoding = "UTF-8"))
  }
  if (resource$format == "parquet") {
    return(as.data.frame(arrow::read_parquet(path)))
  }
  names <- vapply(resource$schema$fields, function(field) field$name, "")
  rows <- if (file.size(path) > 0) jsonlite::stream_in(file(path, encoding = "UTF-8"), verbose = FALSE) else list()
  columns <- lapply(names, function(name) if (is.null(rows[[name]])) rep(NA, NROW(rows)) else rows[[name]])
  as.data.frame(setNames(columns, names), check.names = FALSE, stringsAsFactors = FALSE)
}

typed <- function(column, field, form) {
  if (!is.null(field$categories)) {
    return(factor(column, levels = vapply(field$categories, function(code) if (is.list(code)) code$value else code, "")))
  }
  switch(field$type,
    integer = as.integer(column),
    number = as.numeric(column),
    boolean = if (form == "csv") column == "true" else as.logical(column),
    date = as.Date(column),
    datetime = if (form == "parquet") column else as.POSIXct(column, format = "%Y-%m-%dT%H:%M:%OSZ", tz = "UTC"),
    # In CSV an apostrophe stands before a text that a spreadsheet would run.
    string = if (form == "csv" && field[["rekindle:type"]] == "text") sub("^'", "", column) else as.character(column)
  )
}
"""

DYADS: Final = """
# A model of both partners over their weeks (actor-partner interdependence; Kenny, Kashy & Cook 2006, chapters 7 and 14):
# does a partner's $score follow their own of the week before, or the other's? Which partner is A says nothing of
# either, so both have the same effects; where a variable of yours tells them apart, let it interact with own and other.
# Residuals of one couple in one week are let alike. It is a place to begin, and no analysis: look at what is missing first,
# and take each partner's own mean out of `own` and `other` where only their weekly ups and downs are asked about.
# Scores to choose from: $scores.
dyad_model <- function(score = "$score") {
  weeks <- read_table("dyad_week")
  if (NROW(weeks) == 0) return(NULL)
  one <- function(mine, other) {
    data.frame(
      couple_id = weeks$$couple_id, partner = mine, week = weeks$$week_number,
      y = weeks[[paste0(score, "_", mine)]], of_other = weeks[[paste0(score, "_", other)]]
    )
  }
  long <- rbind(one("a", "b"), one("b", "a"))
  before <- data.frame(
    couple_id = long$$couple_id, partner = long$$partner, week = long$$week + 1, own = long$$y, other = long$$of_other
  )
  pairs <- merge(long, before, by = c("couple_id", "partner", "week"))
  nlme::lme(
    y ~ own + other + week,
    random = ~ 1 | couple_id,
    correlation = nlme::corCompSymm(form = ~ 1 | couple_id/week),
    data = pairs, na.action = na.omit
  )
}
"""
