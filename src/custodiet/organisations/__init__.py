"""One organisation, many names: agencies and bureaus that file inventories, and vendors that are paid."""
