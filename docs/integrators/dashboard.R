# Prints the caseload, worst first, then the clinic's figures with their intervals: Rscript dashboard.R BASE (key in REKINDLE_KEY).
library(httr2)
options(width = 200)

base <- commandArgs(trailingOnly = TRUE)[1]

get <- function(path, ...) {
  request(base) |>
    req_url_path_append(path) |>
    req_url_query(...) |>
    req_auth_bearer_token(Sys.getenv("REKINDLE_KEY")) |>
    req_perform() |>
    resp_body_json()
}

told <- function(value) if (is.null(value)) NA else value

caseload <- function(cursor = NULL) {
  page <- get("v1/caseload", limit = 200, cursor = cursor)
  rest <- if (is.null(page$next_cursor)) list() else caseload(page$next_cursor)
  c(page$items, rest)
}

for (couple in caseload()) {
  name <- if (is.null(couple$external_id)) couple$couple_id else couple$external_id
  cat(sprintf("%-6s %-28s %s\n", couple$colour, name, couple$sentence))
}

# A share that is null is withheld: it is "not told", never zero.
share <- function(figure) {
  if (is.null(figure)) return("not told")
  sprintf("%.0f%% (%.0f to %.0f, n %d)", 100 * figure$rate, 100 * figure$low, 100 * figure$high, figure$of)
}

outcomes <- get("v1/clinic/outcomes", by = "measure")
lines <- lapply(outcomes$measures, function(one) {
  data.frame(
    measure = one$measure, scale = one$scale, couples = as.numeric(told(one$couples)),
    improved = share(one$improved), recovered = share(one$recovered), deteriorated = share(one$deteriorated)
  )
})
cat("\n")
if (length(lines) == 0) cat("No scale has enough couples of whom it may be told.\n") else print(do.call(rbind, lines), row.names = FALSE)
