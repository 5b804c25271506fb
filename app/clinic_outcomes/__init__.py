"""What became of a clinic's couples, and nothing that gives fewer than ten of them away."""
