"""What to do this week: findings that can be acted on."""
