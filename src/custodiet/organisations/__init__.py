"""One organisation, many names. So far: the agencies and bureaus that file inventories."""
