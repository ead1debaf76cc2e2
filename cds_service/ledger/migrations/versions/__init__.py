"""One module for each step. A step adds; what an older version of the service still reads is not taken away."""
