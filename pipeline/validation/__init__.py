"""Hold typed rows to the rules of their entity, and set aside those that break one."""
