"""The door: clinics, members, integrations, their keys, what each may do, and who sees which couple."""
