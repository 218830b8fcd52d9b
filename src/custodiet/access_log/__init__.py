"""Released query logs of plate readers: profiles, canonical searches, measures. No plate, name or user leaves this floor."""
