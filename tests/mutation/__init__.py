"""Small changes to the clinical layer, and whether a test notices them: `make mutants`."""
