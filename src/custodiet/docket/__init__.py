"""What a government served on a company, what it is, who decided what: an append-only log that anybody can verify."""
