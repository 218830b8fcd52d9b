"""Official files in, typed rows and cell states out. One folder a publisher's series."""
