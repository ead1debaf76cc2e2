"""What a release is checked for: `make sbom`, `make audit`."""
