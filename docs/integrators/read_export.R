# Reads the folder of an export, and says what is there and why something is not: Rscript read_export.R FOLDER (needs jsonlite).
setwd(commandArgs(trailingOnly = TRUE)[1])
source("read.R")

scores <- read_table("scores")
gaps <- ifelse(is.na(scores$value), as.character(scores$value_missing), "scored")
print(table(paste(scores$measure, scores$scale), gaps))

weeks <- read_table("dyad_week")
cat("\n", nrow(weeks), " weeks of ", length(unique(weeks$couple_id)), " couples; in ", sep = "")
both <- !is.na(weeks$sexual_satisfaction_a) & !is.na(weeks$sexual_satisfaction_b)
cat(sum(both), "of them both partners told how satisfied they were.\n")
