"""What may leave the clinic: authorisations of the partners, the flag that holds a release back, and what did leave."""
