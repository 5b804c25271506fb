# One couple by the EHR's number, a line for each partner and scale: Rscript ehr_outcomes.R EHR-C-1 BASE (key in REKINDLE_KEY).
library(httr2)

asked <- commandArgs(trailingOnly = TRUE)

get <- function(path, ...) {
  request(asked[2]) |>
    req_url_path_append(path) |>
    req_url_query(...) |>
    req_auth_bearer_token(Sys.getenv("REKINDLE_KEY")) |>
    req_perform() |>
    resp_body_json()
}

told <- function(value) if (is.null(value)) NA else value

one <- function(slot, series) {
  last <- series$points[[length(series$points)]]
  data.frame(
    partner = slot, measure = series$measure, scale = series$scale, day = substr(last$answered_at, 1, 10),
    value = as.numeric(told(last$value)), missing = as.character(told(last$missing)),
    change = as.character(told(series$change$class)), basis = as.character(told(series$change$basis$status))
  )
}

couples <- get("v1/couples", external_id = asked[1])$items
if (length(couples) == 0) stop("there is no couple with this number", call. = FALSE)
outcomes <- get(paste0("v1/couples/", couples[[1]]$id, "/outcomes"))
lines <- lapply(outcomes$partners, function(partner) lapply(partner$series, function(series) one(partner$slot, series)))
print(do.call(rbind, unlist(lines, recursive = FALSE)), row.names = FALSE)
