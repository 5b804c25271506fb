"""Who did what, for those who have to know: the administrator, an auditor from outside, and the partner it was done to."""
