"""Take back what a load brought, or what is gone at the source."""
