"""What leaves the clinic and what ends there: copies, couple files, holds, retention, erasure, the scope of a breach."""
