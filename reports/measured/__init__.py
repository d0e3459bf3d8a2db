"""Read the source of a report and measure every frame that its sections need."""
