"""Bring what no source pins: pages and downloads of publishers' interfaces, as releases of the user's own."""
