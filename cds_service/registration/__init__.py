"""The registration sheet: what an EHR's form or an analyst asks for, from the objects that the service runs with."""
