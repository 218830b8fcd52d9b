"""What all AI use case inventories share: the words in their cells, and which case is asked what."""
