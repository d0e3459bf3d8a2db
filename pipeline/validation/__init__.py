"""Check typed rows against the rules of their entity, and separate those that break one."""
